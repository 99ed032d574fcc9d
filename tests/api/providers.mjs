// The other side of every hook, written from providers.md with node's own crypto: nothing here comes from the code under test.
//
// A money movement is {id, amount, memo, account, direction, reference, time (Date), balance, link, sub}; each provider turns
// it into {path, headers, body} for one connection. What a format cannot say is an error.
import crypto from 'node:crypto';

const seconds = (now) => Math.floor(now / 1000);
const hmac = (algorithm, key, text) => crypto.createHmac(algorithm, key).update(text);

// "2026-11-20 08:03:11" at +07:00.
export function local(time) {
  return new Date(time.getTime() + 7 * 3600_000).toISOString().slice(0, 19).replace('T', ' ');
}

const json = { 'Content-Type': 'application/json' };

// --- SePay ---

export function sepayBody(m) {
  return {
    id: m.id, gateway: 'Agribank', transactionDate: local(m.time), accountNumber: m.account, code: null, content: m.memo,
    transferType: m.direction, transferAmount: m.amount, accumulated: m.balance ?? 0, subAccount: m.sub ?? null,
    referenceCode: m.reference, description: `BankAPINotify ${m.memo}`,
  };
}

export function sepaySigned(secret, raw, at = Date.now()) {
  const t = String(seconds(at));
  return { ...json, 'X-SePay-Timestamp': t, 'X-SePay-Signature': `sha256=${hmac('sha256', secret, Buffer.concat([Buffer.from(`${t}.`), Buffer.from(raw)])).digest('hex')}` };
}

// --- payOS: members of data sorted, key=value joined by &, nothing escaped ---

export function payosText(data) {
  const value = (v) => {
    if (v === null || v === undefined || v === 'null' || v === 'undefined') return '';
    if (Array.isArray(v)) return JSON.stringify(v.map((e) => Object.fromEntries(Object.keys(e).sort().map((k) => [k, e[k]]))));
    return String(v);
  };
  return Object.keys(data).sort().map((k) => `${k}=${value(data[k])}`).join('&');
}

export function payosBody(m) {
  return {
    orderCode: m.order ?? 260001, amount: m.amount, description: m.memo, accountNumber: m.account, reference: m.reference,
    transactionDateTime: local(m.time), currency: 'VND', paymentLinkId: m.link ?? `link${m.id}`, code: '00', desc: 'success',
    counterAccountBankId: m.from ? '970436' : null, counterAccountBankName: null, counterAccountName: 'LO THI MAY', counterAccountNumber: m.from ?? '0071000123456',
    virtualAccountName: '', virtualAccountNumber: m.sub ?? '',
  };
}

export function payosSigned(secret, data) {
  return { code: '00', desc: 'success', success: true, data, signature: hmac('sha256', secret, payosText(data)).digest('hex') };
}

// --- Casso ---

function sorted(v) {
  if (Array.isArray(v)) return v.map(sorted);
  if (v !== null && typeof v === 'object') return Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])]));
  return v;
}

export function casso1Item(m) {
  return {
    id: m.id, tid: m.reference, description: m.memo, amount: m.direction === 'out' ? -m.amount : m.amount,
    cusum_balance: m.balance ?? 1180000, when: local(m.time), bank_sub_acc_id: m.account, subAccId: m.account, bankName: 'Agribank',
    bankAbbreviation: 'VBA', virtualAccount: m.sub ?? '', virtualAccountName: '', corresponsiveName: 'LO THI MAY',
    corresponsiveAccount: m.from ?? '0071000123456', corresponsiveBankId: '970436', corresponsiveBankName: 'Vietcombank',
  };
}

export function casso2Body(m) {
  return {
    error: 0,
    data: {
      id: m.id, reference: m.reference, description: m.memo, amount: m.direction === 'out' ? -m.amount : m.amount,
      runningBalance: m.balance ?? 1180000, transactionDateTime: local(m.time), accountNumber: m.account, bankName: 'Agribank',
      bankAbbreviation: 'VBA', virtualAccountNumber: m.sub ?? '', virtualAccountName: '', counterAccountName: 'LO THI MAY',
      counterAccountNumber: m.from ?? '0071000123456', counterAccountBankId: '970436', counterAccountBankName: 'Vietcombank',
    },
  };
}

export function casso2Signed(secret, body, at = Date.now()) {
  const t = String(at);
  return { ...json, 'X-Casso-Signature': `t=${t},v1=${hmac('sha512', secret, `${t}.${JSON.stringify(sorted(body))}`).digest('hex')}` };
}

// --- VietQR.vn ---

export function vietqrvnBody(m, camel = false) {
  const names = camel ? ['bankAccount', 'transactionId', 'transactionTime', 'referenceNumber'] : ['bankaccount', 'transactionid', 'transactiontime', 'referencenumber'];
  return {
    [names[0]]: m.account, amount: m.amount, transType: m.direction === 'out' ? 'D' : 'C', content: m.memo,
    [names[1]]: `0b6f7f0a-5a0e-4c36-9d3f-${String(m.id).slice(-12).padStart(12, '0')}`, [names[2]]: m.time.getTime(),
    [names[3]]: m.reference, orderId: '', terminalCode: '', subTerminalCode: '', serviceCode: '', urlLink: '', sign: '',
  };
}

export const basic = (secret) => ({ ...json, Authorization: `Basic ${Buffer.from(secret).toString('base64')}` });

// --- Standard Webhooks ---

export function standardBody(m) {
  return {
    type: 'bank.transaction', timestamp: m.time.toISOString(),
    data: {
      id: `tx-${m.id}`, account_no: m.account, direction: m.direction, amount: m.amount, memo: m.memo, reference: m.reference,
      paid_at: `${local(m.time).replace(' ', 'T')}+07:00`, balance: m.balance ?? null,
      counterparty: { bin: '970436', account_no: m.from ?? '0071000123456', name: 'LO THI MAY' },
    },
  };
}

export function standardSigned(secret, id, raw, at = Date.now()) {
  const t = String(seconds(at)), text = Buffer.concat([Buffer.from(`${id}.${t}.`), Buffer.from(raw)]);
  const signature = secret.startsWith('whsk_')
    ? `v1a,${crypto.sign(null, text, ed25519(Buffer.from(secret.slice(5), 'base64'))).toString('base64')}`
    : `v1,${hmac('sha256', Buffer.from(secret.slice(6), 'base64'), text).digest('base64')}`;
  return { ...json, 'webhook-id': id, 'webhook-timestamp': t, 'webhook-signature': signature };
}

function ed25519(seed) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

export function ed25519Pair() {
  const seed = crypto.randomBytes(32);
  const spki = crypto.createPublicKey(ed25519(seed)).export({ format: 'der', type: 'spki' });
  return { secret: `whsk_${seed.toString('base64')}`, stored: `whpk_${spki.subarray(-32).toString('base64')}` };
}

// --- one table: how a mode gets a secret, what it stores, how it says a movement, under which key that is stored ---

const post = (headers, body) => ({ path: '', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
const text = () => `k-${crypto.randomBytes(12).toString('hex')}`;
const plain = () => { const t = text(); return { secret: t, stored: t }; };

export const MODES = {
  'sepay/apikey': { secrets: plain, bearer: true, outgoing: true, ext: (m) => String(m.id),
    notice: (s, m) => post({ ...json, Authorization: `Apikey ${s}` }, sepayBody(m)) },
  'sepay/hmac': { secrets: plain, outgoing: true, ext: (m) => String(m.id),
    notice: (s, m, at) => { const body = JSON.stringify(sepayBody(m)); return post(sepaySigned(s, body, at), body); } },
  'casso/v1': { secrets: plain, bearer: true, outgoing: true, ext: (m) => String(m.id),
    notice: (s, m) => post({ ...json, 'secure-token': s }, { error: 0, data: (Array.isArray(m) ? m : [m]).map(casso1Item) }) },
  'casso/v2': { secrets: plain, outgoing: true, ext: (m) => String(m.id),
    notice: (s, m, at) => { const body = casso2Body(m); return post(casso2Signed(s, body, at), body); } },
  'payos/webhook': { secrets: plain, outgoing: false, ext: (m) => `${m.link ?? `link${m.id}`}${m.reference}`,
    notice: (s, m) => post(json, payosSigned(s, payosBody(m))) },
  'vietqrvn/token': { secrets: () => { const t = `user-${crypto.randomBytes(4).toString('hex')}:${text()}`; return { secret: t, stored: t }; },
    bearer: true, outgoing: true, ext: (m) => m.reference,
    notice: (s, m) => ({ path: '/bank/api/transaction-sync', headers: json, body: JSON.stringify(vietqrvnBody(m)), token: s }) },
  'standardwebhooks/hmac': { secrets: () => { const t = `whsec_${crypto.randomBytes(32).toString('base64')}`; return { secret: t, stored: t }; },
    outgoing: true, ext: (m) => `tx-${m.id}`,
    notice: (s, m, at) => { const body = JSON.stringify(standardBody(m)); return post(standardSigned(s, `msg_${m.id}`, body, at), body); } },
  'standardwebhooks/ed25519': { secrets: ed25519Pair, outgoing: true, ext: (m) => `tx-${m.id}`,
    notice: (s, m, at) => { const body = JSON.stringify(standardBody(m)); return post(standardSigned(s, `msg_${m.id}`, body, at), body); } },
};
