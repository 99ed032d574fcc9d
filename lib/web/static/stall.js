// A stall: keys for the amount, the code of a sale without leaving the page, and what came in as it comes, seen and heard. Everything is
// made by the server: this fetches its pages and takes their parts.
'use strict';

const one = (selector, from = document) => from.querySelector(selector);
const stall = one('[data-stall]'), form = one('.keypad'), field = one('#amount'), sale = one('#sale');
const sales = [];
let sound, stream;

// A page of ours as a document: an answer that is none (signed out, no network) is null.
const ask = (url, body) => new Promise((done) => {
  const x = new XMLHttpRequest();
  x.open(body ? 'POST' : 'GET', url);
  x.responseType = 'document';
  x.setRequestHeader('Accept', 'text/html');
  x.onload = () => done(x.status < 500 ? x.response : null);
  x.onerror = () => done(null);
  x.send(body);
});

// --- sound: a chime for money, three low beeps for too little, and the whole amount said where the browser has a voice for it ---

const tone = (at, pitch, length) => {
  const o = sound.createOscillator(), g = sound.createGain();
  o.frequency.value = pitch;
  o.type = pitch < 400 ? 'square' : 'sine';
  o.connect(g).connect(sound.destination);
  g.gain.setValueAtTime(0.3, sound.currentTime + at);
  g.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + length);
  o.start(sound.currentTime + at);
  o.stop(sound.currentTime + at + length);
};

const announce = (item) => {
  const short = item.dataset.state === 'short';
  if (!sound) return;
  if (short) [0, 0.35, 0.7].forEach((at) => tone(at, 220, 0.3));
  else [[0, 660], [0.18, 880]].forEach(([at, pitch]) => tone(at, pitch, 0.4));
  if (!window.speechSynthesis) return;
  const said = new SpeechSynthesisUtterance(item.dataset.say);
  said.lang = document.documentElement.lang;
  speechSynthesis.speak(said);
};

const ear = one('[data-sound]');
ear.hidden = !window.AudioContext;
ear.onclick = () => {
  sound = sound ? sound.close() && null : new AudioContext();
  ear.setAttribute('aria-pressed', String(Boolean(sound)));
  if (sound) tone(0, 660, 0.3);
};

// --- what came in ---

let busy = false, again = false;

const refresh = async () => {
  again = busy;
  if (busy) return;
  busy = true;
  await look();
  busy = false;
  if (again) refresh();
};

const look = async () => {
  const page = await ask(location.pathname), now = page && one('#live', page), before = one('#live');
  if (!now || now.dataset.last === before.dataset.last) return;
  if (now.textContent === before.textContent) { before.dataset.last = now.dataset.last; return; } // somebody else's money
  const items = [...now.querySelectorAll('[data-seq]')].filter((i) => Number(i.dataset.seq) > Number(before.dataset.last));
  before.replaceWith(document.adoptNode(now));
  if (items.length && one('.sale')) showSale(sales[0]);
  items.reverse().forEach(announce);
};

const listen = () => {
  if (!window.EventSource) return;
  stream?.close();
  stream = new EventSource(`${stall.dataset.events}?${sales.map((s) => `sale=${s.split('/').pop()}`).join('&')}`);
  stream.addEventListener('came', refresh);
};
listen();
setInterval(() => { if (!document.hidden) refresh(); }, 15000);
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });

// --- the keypad ---

const show = (digits) => { field.value = digits.replace(/^0+/, '').slice(0, 9).replace(/\B(?=(\d{3})+$)/g, '.'); };
const digits = () => field.value.replace(/\D/g, '');

one('.keys').hidden = false;
field.oninput = () => show(digits());
for (const key of document.querySelectorAll('[data-key]'))
  key.onclick = () => show(key.dataset.key === '-' ? digits().slice(0, -1) : digits() + key.dataset.key);

const showSale = async (url) => {
  const page = await ask(url), made = page && one('.sale', page);
  if (made) sale.replaceChildren(document.adoptNode(made));
};

form.onsubmit = async (event) => {
  event.preventDefault();
  const page = await ask(form.action, new URLSearchParams(new FormData(form))), made = page && one('.sale', page);
  if (!made) { form.onsubmit = null; form.submit(); return; } // a fault, or the session has ended: as without script
  sale.replaceChildren(document.adoptNode(made));
  sale.scrollIntoView({ block: 'nearest' });
  sales.unshift(made.dataset.at);
  sales.splice(7);
  form.elements.once.value = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
  show('');
  listen();
};
