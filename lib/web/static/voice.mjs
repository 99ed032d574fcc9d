// What a stall says of a payment: the whole amount with its unit, what is missing or that it is all, last the word of the day. By the clips of
// a voice pack where one is installed, else by the browser's own speech (deploy/voice/README.md says what a pack is).

// Vietnamese as lib/pay/words.c says it.
const NUMBERS = {
  vi: {
    main: { 0: 'không', 1: 'một', 2: 'hai', 3: 'ba', 4: 'bốn', 5: 'năm', 6: 'sáu', 7: 'bảy', 8: 'tám', 9: 'chín', 10: 'mười[ {>teen}]', 20: '{<main} mươi[ {>ty}]', 100: '{<main} trăm[ {>hundred}]', 1000: '{<main} nghìn[ {>after}]', 1000000: '{<main} triệu[ {>after}]', 1000000000: '{<main} tỷ[ {>after}]' },
    teen: { 1: '{=main}', 5: 'lăm', 6: '{=main}' },
    ty: { 1: 'mốt', 2: '{=main}', 4: 'tư', 5: 'lăm', 6: '{=main}' },
    hundred: { 1: 'linh {=main}', 10: '{=main}' },
    after: { 1: 'không trăm linh {=main}', 10: 'không trăm {=main}', 100: '{=main}', 1000: '{<after} nghìn[ {>after}]', 1000000: '{<after} triệu[ {>after}]' },
  },
};
export const numbersOf = (lang, pack) => pack?.numbers ?? NUMBERS[lang];

// A number in words, by rules (a language's above, or a pack's own): {"set": {"base": "text"}}, the rule of the greatest base that is not above the number. In a text
// {<set} is how often the base's power of ten goes into the number, {>set} what is left, {=set} the number itself; [ ] goes when nothing is left.
export function spell(rules, n, set = 'main') {
  if (!Number.isSafeInteger(n) || n < 0 || n > 999_999_999_999_999) throw new RangeError('amount');
  const base = Object.keys(rules[set]).map(Number).reduce((a, b) => (b <= n && b > a ? b : a), -1);
  if (base < 0) throw new RangeError(`${set} has no rule for ${n}`);
  const unit = base < 10 ? 1 : 10 ** (String(base).length - 1), left = unit === 1 ? 0 : n % unit;
  return rules[set][base].replace(/\[(.*?)\]/g, left ? '$1' : '').replace(/\{([<>=])(\w+)\}/g, (_, what, to) => spell(rules, what === '<' ? Math.floor(n / unit) : what === '>' ? left : n, to));
}

// The sentence for what came. `asked` is null where nothing had been asked; `missing` counts what came before, too.
export function sentence(pack, { state, amount, missing = 0, surplus = 0 }, word = '') {
  const numbers = { amount, missing, surplus }, rules = numbersOf(pack.lang, pack);
  const said = (pack.say[state] ?? pack.say.free).replace(/\{(\w+)\}/g, (_, name) => spell(rules, numbers[name]));
  return word ? `${said} ${/^\d+$/.test(word) ? spell(rules, Number(word)) : word}` : said;
}

// The clips of a sentence, the longest first where several begin alike; null when the pack has none for some word.
export function clips(pack, said) {
  const list = said.normalize('NFC').split(/\s+/).filter(Boolean), out = [];
  for (let at = 0; at < list.length;) {
    let n = list.length - at;
    while (n > 0 && !Object.hasOwn(pack.clips, list.slice(at, at + n).join(' '))) n--;
    if (n === 0) return null;
    out.push(list.slice(at, at + n).join(' '));
    at += n;
  }
  return out;
}

export class Voice {
  // pack: the document of an installed one, or null.
  constructor(pack, lang) {
    this.pack = pack;
    this.lang = lang;
    this.sounds = new Map();
    this.free = 0; // when the last sound ends
  }

  get on() { return Boolean(this.audio); }

  // "pack", "browser" or "none" for a language without a voice.
  get kind() {
    if (this.pack) return 'pack';
    const voices = window.speechSynthesis?.getVoices?.() ?? [];
    return !window.speechSynthesis || (voices.length && !voices.some((v) => v.lang.toLowerCase().startsWith(this.lang))) ? 'none' : 'browser';
  }

  // Browsers let a page be heard only after a touch.
  async start() {
    this.audio = new AudioContext();
    if (!this.pack) return;
    await Promise.all(Object.entries(this.pack.clips).map(async ([text, url]) => {
      const answer = await fetch(url);
      if (answer.ok) this.sounds.set(text, await this.audio.decodeAudioData(await answer.arrayBuffer()));
    })).catch(() => {});
  }

  stop() {
    this.audio?.close();
    this.audio = undefined;
    this.free = 0;
    window.speechSynthesis?.cancel?.();
  }

  tone(after, pitch, length) {
    const at = this.next() + after, o = this.audio.createOscillator(), g = this.audio.createGain();
    o.frequency.value = pitch;
    o.type = pitch < 400 ? 'square' : 'sine';
    o.connect(g).connect(this.audio.destination);
    g.gain.setValueAtTime(0.3, at);
    g.gain.exponentialRampToValueAtTime(0.001, at + length);
    o.start(at);
    o.stop(at + length);
  }

  next() { return Math.max(this.free, this.audio.currentTime); }

  // Two rising tones for money, three low ones for too little.
  chime(alarm) {
    if (alarm) [0, 0.35, 0.7].forEach((after) => this.tone(after, 220, 0.3));
    else [[0, 660], [0.18, 880]].forEach(([after, pitch]) => this.tone(after, pitch, 0.4));
    this.free = this.next() + (alarm ? 1.1 : 0.6);
  }

  // payment: {state, amount, missing, surplus, text}; text is the sentence of the page, for browsers that speak.
  tell(payment, word) {
    if (!this.audio) return;
    this.chime(payment.state === 'short');
    const list = this.pack && clips(this.pack, sentence(this.pack, payment, word));
    if (list?.every((text) => this.sounds.has(text))) list.forEach((text) => this.play(text));
    else this.speak(word ? `${payment.text}. ${word}` : payment.text);
  }

  play(text) {
    const source = this.audio.createBufferSource();
    source.buffer = this.sounds.get(text);
    source.connect(this.audio.destination);
    source.start(this.next());
    this.free = this.next() + source.buffer.duration;
  }

  speak(text) {
    if (!window.speechSynthesis) return;
    const said = new SpeechSynthesisUtterance(text);
    said.lang = this.lang;
    speechSynthesis.speak(said);
  }
}
