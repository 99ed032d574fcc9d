// The VietQR text of a stall's permanent code, turned into one of a single sale: with the amount, and behind the code in the memo a mark
// of five letters that the bank brings back, so that the money is known as this sale's (vietqr.md §1, §5, §6).

const LETTERS = '23456789ABCDEFGHJKMNPQRTUVWXYZ'; // those of payment codes without S, with which a code begins
export const TAG_LETTERS = 5;

// [[id, value]…] of a row of objects.
function fields(text) {
  const out = [];
  for (let at = 0; at < text.length;) {
    const n = Number(text.slice(at + 2, at + 4));
    out.push([text.slice(at, at + 2), text.slice(at + 4, at + 4 + n)]);
    at += 4 + n;
  }
  return out;
}

const join = (list) => list.map(([id, value]) => id + String(value.length).padStart(2, '0') + value).join('');

// CRC-16, polynomial 1021, beginning with FFFF.
export function crc(text) {
  let sum = 0xffff;
  for (let i = 0; i < text.length; i++) {
    sum ^= text.charCodeAt(i) << 8;
    for (let b = 0; b < 8; b++) sum = sum & 0x8000 ? ((sum << 1) ^ 0x1021) & 0xffff : sum << 1;
  }
  return sum.toString(16).toUpperCase().padStart(4, '0');
}

export function newTag(random = (bytes) => crypto.getRandomValues(bytes)) {
  let tag = '';
  while (tag.length < TAG_LETTERS) {
    const [byte] = random(new Uint8Array(1));
    if (byte < 240) tag += LETTERS[byte % 30];
  }
  return tag;
}

// `permanent` has neither amount nor mark. Without a tag the memo stays.
export function withAmount(permanent, amount, tag) {
  if (!Number.isSafeInteger(amount) || amount < 1 || amount > 9_999_999_999_999) throw new RangeError('amount');
  const out = [];
  for (const [id, value] of fields(permanent)) {
    if (id === '01') out.push([id, '12']);
    else if (id === '54' || id === '63') continue;
    else if (id === '62' && tag) out.push([id, join(fields(value).map(([i, v]) => [i, i === '08' ? `${v} ${tag}` : v]))]);
    else out.push([id, value]);
    if (id === '53') out.push(['54', String(amount)]);
  }
  const text = `${join(out)}6304`;
  return text + crc(text);
}
