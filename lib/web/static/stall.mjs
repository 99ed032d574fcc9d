// A stall's page: keys for the amount, a code made here (also without a network), and what came in as it comes, seen and heard. What came in
// is made by the server: this fetches the page again and takes its part.
import { encode, path } from './qr.mjs';
import { newTag, withAmount } from './vietqr.mjs';
import { Voice, numbersOf, spell } from './voice.mjs';

const one = (selector, from = document) => from.querySelector(selector);
const stall = one('[data-stall]'), form = one('.keypad'), field = one('#amount'), place = one('#sale'), lang = document.documentElement.lang;
const OPEN_MS = 15 * 60_000, DAY_MS = 86_400_000, KEPT = 200, TOLD_AT_ONCE = 20;

// What stays on this phone until somebody signs out.
const kept = (name, otherwise) => { try { return JSON.parse(localStorage.getItem(`stall.${stall.dataset.stall}.${name}`)) ?? otherwise; } catch { return otherwise; } };
const keep = (name, value) => { try { localStorage.setItem(`stall.${stall.dataset.stall}.${name}`, JSON.stringify(value)); } catch { /* no room: only for this page */ } };

const money = (n) => `${String(n).replace(/\B(?=(\d{3})+$)/g, '.')} đ`;
const clock = (at) => new Date(at).toLocaleTimeString('vi', { hour: '2-digit', minute: '2-digit' });

// --- what came in, and whether we hear of it ---

let busy = false, again = false, wait = 0, timer, stream;

// A page of ours as a document; null without an answer.
const ask = (url) => new Promise((done) => {
  const x = new XMLHttpRequest();
  x.open('GET', url);
  x.responseType = 'document';
  x.timeout = 20_000;
  x.setRequestHeader('Accept', 'text/html');
  x.onload = () => done(x.status < 500 ? x.response : null);
  x.onerror = x.ontimeout = () => done(null);
  x.send();
});

const signal = (state) => {
  const line = one('#signal');
  if (line.dataset.state === state) return;
  line.dataset.state = state;
  line.hidden = state === 'here';
  line.textContent = state === 'lost' ? line.dataset.lost.replace('00:00', clock(Date.now())) : state === 'out' ? line.dataset.out : '';
};

const refresh = async () => {
  again = busy;
  if (busy) return;
  busy = true;
  clearTimeout(timer);
  // What was asked for first: what came is then seen as what it is, and told so.
  if (await tell() === 'refused' && await renew()) await tell();
  const heard = await look();
  busy = false;
  // Heard: the stream nudges, a look each half minute finds out that it is dead. Not heard: again after 2, 4, 8 … 60 s.
  wait = heard ? 0 : Math.min((wait || 1000) * 2, 60_000);
  timer = setTimeout(refresh, heard ? (stream?.readyState === 1 ? 30_000 : 15_000) : wait);
  if (heard && (!stream || stream.readyState === 2)) listen();
  if (again) refresh();
};

// A form of a session that has ended is refused: the page has the one of now.
const renew = async () => {
  const page = await ask(location.pathname), csrf = page && one('.keypad', page)?.elements.csrf.value;
  if (csrf) form.elements.csrf.value = csrf;
  return Boolean(csrf);
};

const look = async () => {
  const page = navigator.onLine === false ? null : await ask(location.pathname), now = page && one('#live', page), before = one('#live');
  signal(now ? 'here' : page ? 'out' : 'lost');
  if (!now) return false;
  if (now.dataset.last === before.dataset.last) return true;
  const since = before.dataset.last === '' ? kept('last', now.dataset.last) : before.dataset.last; // '': the page that was kept
  keep('last', now.dataset.last);
  if (now.textContent === before.textContent) { before.dataset.last = now.dataset.last; return true; } // somebody else's money
  const items = [...now.querySelectorAll('[data-seq]')].filter((i) => Number(i.dataset.seq) > Number(since));
  before.replaceWith(document.adoptNode(now));
  adopt();
  items.slice(0, 5).reverse().forEach(announce);
  return true;
};

const listen = () => {
  if (!window.EventSource) return;
  stream?.close();
  stream = new EventSource(stall.dataset.stream);
  stream.addEventListener('came', refresh);
  stream.onerror = () => { if (wait === 0) refresh(); }; // while we know that nothing is heard, its own tries tell nothing new
};
for (const [on, event] of [[window, 'online'], [window, 'offline'], [document, 'visibilitychange']])
  on.addEventListener(event, () => { if (!document.hidden) { wait = 0; refresh(); } });

// --- sound ---

const ear = one('[data-sound]'), word = one('#word');
let voice = new Voice(null, lang);

const announce = ({ dataset: d }) => voice.tell({ state: d.state, amount: Number(d.amount), missing: Number(d.missing), surplus: Number(d.surplus), text: d.say }, word.value.trim());
const said = () => { one('#voice').textContent = one('#voice').dataset[voice.kind]; };

const today = () => new Date().toLocaleDateString('sv');
word.value = kept('word', {}).on === today() ? kept('word', {}).word : '';
word.onchange = () => keep('word', { on: today(), word: word.value.trim() });
one('.heard').hidden = ear.hidden = !window.AudioContext;
ear.onclick = async () => {
  ear.setAttribute('aria-pressed', String(!voice.on));
  if (voice.on) { voice.stop(); return; }
  await voice.start();
  voice.chime();
};
if (window.speechSynthesis) speechSynthesis.onvoiceschanged = said;
said();
if (stall.dataset.voice) {
  fetch(stall.dataset.voice).then((answer) => (answer.ok ? answer.json() : null)).then((pack) => {
    if (!pack || voice.on) return;
    voice = new Voice(pack, lang);
    said();
  }).catch(() => {});
}

// --- what was asked for: kept here, told to the server when there is a way ---

let asks = kept('asks', []).filter((a) => Date.now() - a.at < DAY_MS), shown;

const store = () => {
  asks = asks.slice(-KEPT);
  keep('asks', asks);
  waiting();
};

// "told", "refused", or "lost" without an answer.
const tell = async () => {
  while (form) {
    const some = asks.filter((a) => !a.told).slice(0, TOLD_AT_ONCE);
    if (some.length === 0) break;
    const body = new URLSearchParams({ csrf: form.elements.csrf.value });
    some.forEach((a, i) => {
      body.append(`asks.${i}.tag`, a.tag);
      body.append(`asks.${i}.amount`, a.amount);
      body.append(`asks.${i}.age_s`, Math.min(Math.max(Math.floor((Date.now() - a.at) / 1000), 0), 604_800));
      if (a.dropped) body.append(`asks.${i}.dropped`, 'true');
    });
    const before = some.map((a) => a.dropped);
    let answer;
    try {
      answer = await fetch(`${location.pathname}/asks`, { method: 'POST', body, headers: { Accept: 'application/json' }, redirect: 'error' });
    } catch { return 'lost'; }
    if (!answer.ok && answer.status !== 422) return 'refused'; // 422: never; one fault must not stand before all that comes later
    some.forEach((a, i) => { a.told = a.dropped === before[i]; });
    store();
  }
  return 'told';
};

const paid = (a) => [...document.querySelectorAll('#live [data-tag]')].find((i) => i.dataset.tag === a.tag && !i.dataset.guess);

const waiting = () => {
  const open = asks.filter((a) => !a.dropped && a !== shown && Date.now() - a.at < OPEN_MS && (paid(a)?.dataset.state ?? 'short') === 'short');
  const list = one('#waiting');
  list.hidden = open.length === 0;
  one('ul', list).replaceChildren(...open.reverse().map((a) => {
    const item = document.createElement('li'), button = document.createElement('button');
    button.type = 'button';
    button.className = 'button plain';
    button.textContent = `${money(a.amount)} · ${clock(a.at)}`;
    button.onclick = () => show(a);
    item.append(button);
    return item;
  }));
};

// --- the code ---

const drawn = (text) => {
  const symbol = encode(text), svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), d = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${symbol.size + 8} ${symbol.size + 8}`, role: 'img', 'aria-label': form.dataset.qr, 'shape-rendering': 'crispEdges', class: 'made' })) svg.setAttribute(name, value);
  d.setAttribute('d', path(symbol));
  svg.append(d);
  return svg;
};

// The sale that the customer looks at, as it stands now.
const show = (a) => {
  shown = a;
  const sale = document.importNode(one('#sale-made').content, true).firstElementChild, came = paid(a), state = came?.dataset.state ?? 'wait';
  const rules = numbersOf(lang), figures = { asked: a.amount, missing: Number(came?.dataset.missing), surplus: Number(came?.dataset.surplus) };
  sale.dataset.tag = a.tag;
  one('.sum', sale).textContent = money(a.amount);
  one('.words', sale).textContent = rules ? `${spell(rules, a.amount)} đồng`.replace(/^./u, (c) => c.toUpperCase()) : '';
  for (const part of sale.querySelectorAll('[data-when]')) if (!part.dataset.when.split(' ').includes(state)) part.remove();
  for (const part of sale.querySelectorAll('[data-money]')) part.textContent = money(figures[part.dataset.money]);
  const qr = one('.qr', sale);
  const symbol = qr && drawn(withAmount(stall.dataset.payload, a.amount, a.tag));
  if (qr) qr.prepend(symbol);
  const drop = one('[data-drop]', sale);
  if (drop) drop.onclick = () => {
    Object.assign(a, { dropped: true, told: false });
    close();
    refresh();
  };
  one('[data-next]', sale).onclick = close;
  place.replaceChildren(sale);
  if (symbol) fit(symbol);
  waiting();
};

// A module is a whole number of the screen's points.
const fit = (svg) => {
  svg.style.width = '';
  const modules = svg.viewBox.baseVal.width, points = svg.getBoundingClientRect().width * devicePixelRatio;
  svg.style.width = svg.style.minWidth = `${Math.floor(points / modules) * modules / devicePixelRatio}px`;
};

const close = () => {
  shown = undefined;
  place.replaceChildren();
  store();
  field.focus({ preventScroll: true });
};

// --- the keypad ---

const type = (digits) => { field.value = digits.replace(/^0+/, '').slice(0, 9).replace(/\B(?=(\d{3})+$)/g, '.'); };
const digits = () => field.value.replace(/\D/g, '');

if (form) {
  one('.keys').hidden = false;
  field.oninput = () => type(digits());
  for (const key of document.querySelectorAll('[data-key]'))
    key.onclick = () => type(key.dataset.key === '-' ? digits().slice(0, -1) : digits() + key.dataset.key);
  form.onsubmit = (event) => {
    const amount = Number(digits());
    if (!stall.dataset.payload || !(amount >= 1 && amount <= 499_999_999)) return; // as without script: the server says what is wrong
    event.preventDefault();
    const a = { tag: newTag(), amount, at: Date.now() };
    asks.push(a);
    store();
    show(a);
    place.scrollIntoView({ block: 'start' });
    type('');
    tell().then((answer) => { if (answer !== 'told') refresh(); });
  };
}

// After what came in was put in place: the sale on the screen, and the day to share.
function adopt() {
  if (shown) { if (paid(shown)) show(shown); } else if (form) waiting();
  const share = one('[data-day]');
  share.hidden = false;
  share.onclick = async () => {
    if (navigator.share) { navigator.share({ text: share.dataset.day }).catch(() => {}); return; }
    await navigator.clipboard?.writeText(share.dataset.day);
    share.textContent = share.dataset.done;
  };
}
if (one('[data-day]')) adopt();
if (one('#live').dataset.last === '') {
  refresh();
} else {
  keep('last', one('#live').dataset.last);
  timer = setTimeout(refresh, 15_000);
  listen(); // and the first word of the stream lets it look
}

// --- the page without a network ---

const forget = async () => {
  Object.keys(localStorage).filter((k) => k.startsWith('stall.')).forEach((k) => localStorage.removeItem(k));
  const worker = await navigator.serviceWorker?.getRegistration();
  worker?.active?.postMessage('forget');
};
for (const out of document.querySelectorAll('form[action="/logout"]')) out.addEventListener('submit', forget);

if (navigator.serviceWorker && form) {
  const query = new URLSearchParams([['page', location.pathname], ...stall.dataset.files.split(' ').map((f) => ['file', f])]);
  const address = `${stall.dataset.worker}?${query}`;
  const policy = window.trustedTypes?.createPolicy('stall-worker', { createScriptURL: () => address });
  navigator.serviceWorker.register(policy ? policy.createScriptURL('') : address, { scope: location.pathname }).catch(() => {});
}
