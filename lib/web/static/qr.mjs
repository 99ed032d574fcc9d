// A QR symbol (ISO/IEC 18004) of a short ASCII text at level M, versions 1 to 9: a VietQR text needs 5, sometimes 6.
// Digits, letters and bytes are mixed so that the bits are fewest; of the eight masks it takes the one with the least penalty.

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
// A kind of segment: its indicator, the bits of its length (versions 1 to 9), what a character costs in sixths of a bit, which it takes.
const KINDS = [
  { mark: 1, counts: 10, cost: 20, takes: (c) => c >= '0' && c <= '9' },
  { mark: 2, counts: 9, cost: 33, takes: (c) => LETTERS.includes(c) },
  { mark: 4, counts: 8, cost: 48, takes: (c) => c <= '\x7f' },
];
// By version: words of correction in a block, number of blocks.
const CORRECTION = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22], BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5];
export const MAX_VERSION = 9;

// --- text to bits ---

// The cheapest row of segments, [[kind, text]…]: for each place and kind the cost of the best row that ends in it.
export function segments(text) {
  let best = KINDS.map((k) => ({ cost: (4 + k.counts) * 6, row: null, kind: k }));
  for (const c of text) {
    const taken = best.map((b) => (b.kind.takes(c) ? { cost: b.cost + b.kind.cost, row: { c, kind: b.kind, before: b.row }, kind: b.kind } : null));
    if (!taken.some(Boolean)) throw new RangeError('only ASCII');
    best = KINDS.map((k, i) => {
      const from = taken.reduce((a, b) => (b && (!a || b.cost < a.cost) ? b : a), null);
      const opened = Math.ceil(from.cost / 6) * 6 + (4 + k.counts) * 6;
      return taken[i] && taken[i].cost <= opened ? taken[i] : { cost: opened, row: from.row, kind: k };
    });
  }
  const out = [];
  for (let r = best.filter((b) => b.row?.kind === b.kind).reduce((a, b) => (b.cost < a.cost ? b : a)).row; r; r = r.before) {
    if (out[0]?.[0] === r.kind) out[0][1] = r.c + out[0][1];
    else out.unshift([r.kind, r.c]);
  }
  return out;
}

const put = (bits, value, n) => { for (let i = n - 1; i >= 0; i--) bits.push((value >> i) & 1); };

function putSegment(bits, [kind, text]) {
  put(bits, kind.mark, 4);
  put(bits, text.length, kind.counts);
  for (let i = 0; i < text.length;) {
    if (kind.mark === 1) {
      const three = text.slice(i, i + 3);
      put(bits, Number(three), three.length * 3 + 1);
      i += 3;
    } else if (kind.mark === 2 && i + 1 < text.length) {
      put(bits, LETTERS.indexOf(text[i]) * 45 + LETTERS.indexOf(text[i + 1]), 11);
      i += 2;
    } else {
      put(bits, kind.mark === 2 ? LETTERS.indexOf(text[i]) : text.charCodeAt(i), kind.mark === 2 ? 6 : 8);
      i += 1;
    }
  }
}

// --- bits to words, with correction ---

const EXP = new Uint8Array(510), LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++, x = (x << 1) ^ (x >> 7) * 0x11d) {
  EXP[i] = EXP[i + 255] = x;
  LOG[x] = i;
}

// What is left of the words divided by (x − α⁰)(x − α¹)…
function remainder(words, degree) {
  let divisor = [1];
  for (let i = 0; i < degree; i++) {
    const next = [...divisor, 0];
    divisor.forEach((d, j) => { if (d) next[j + 1] ^= EXP[LOG[d] + i]; });
    divisor = next;
  }
  const left = [...words, ...new Array(degree).fill(0)];
  for (let i = 0; i < words.length; i++) {
    if (left[i]) { const f = LOG[left[i]]; divisor.forEach((d, j) => { if (d) left[i + j] ^= EXP[LOG[d] + f]; }); }
  }
  return left.slice(words.length);
}

// Modules that are not fixed.
function room(version) {
  const n = version < 2 ? 0 : Math.floor(version / 7) + 2;
  return (16 * version + 128) * version + 64 - (n ? (25 * n - 10) * n - 55 : 0) - (version >= 7 ? 36 : 0);
}

const words = (version) => Math.floor(room(version) / 8);
const dataWords = (version) => words(version) - CORRECTION[version] * BLOCKS[version];

function codewords(bits, version) {
  const n = dataWords(version), blocks = BLOCKS[version], short = Math.floor(n / blocks), data = [];
  put(bits, 0, Math.min(4, n * 8 - bits.length));
  put(bits, 0, -bits.length & 7);
  for (let i = 0; i < bits.length; i += 8) data.push(Number.parseInt(bits.slice(i, i + 8).join(''), 2));
  for (let pad = 0xec; data.length < n; pad ^= 0xec ^ 0x11) data.push(pad);
  const parts = [];
  for (let b = 0, at = 0; b < blocks; b++) {
    const long = b >= blocks - (n % blocks) ? 1 : 0, part = data.slice(at, at += short + long);
    parts.push([part, remainder(part, CORRECTION[version])]);
  }
  const out = [];
  for (let i = 0; i <= short; i++) for (const [part] of parts) if (i < part.length) out.push(part[i]);
  for (let i = 0; i < CORRECTION[version]; i++) for (const [, rest] of parts) out.push(rest[i]);
  return out;
}

// --- the square ---

// A number with the remainder of a binary division behind it, as format and version are written.
function protect(value, bits, divisor) {
  let left = value << bits;
  for (let i = 31; i >= bits; i--) if ((left >>> i) & 1) left ^= divisor << (i - bits);
  return (value << bits) | left;
}

const MASKS = [
  (x, y) => (x + y) % 2 === 0, (x, y) => y % 2 === 0, (x) => x % 3 === 0, (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0, (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

class Square {
  constructor(version) {
    this.version = version;
    this.size = version * 4 + 17;
    this.dark = new Uint8Array(this.size * this.size);
    this.fixed = new Uint8Array(this.size * this.size);
  }

  at(x, y) { return this.dark[y * this.size + x]; }

  fix(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.dark[y * this.size + x] = dark ? 1 : 0;
    this.fixed[y * this.size + x] = 1;
  }

  // Rings around a place: a finder with its margin, or an alignment mark.
  rings(x, y, reach, light) {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) this.fix(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  }

  patterns() {
    const { size, version } = this, far = size - 7;
    for (let i = 0; i < size; i++) { this.fix(6, i, i % 2 === 0); this.fix(i, 6, i % 2 === 0); }
    for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) this.rings(x, y, 4, [2, 4]);
    const marks = version < 2 ? [] : version < 7 ? [6, far] : [6, (6 + far) / 2, far];
    for (const x of marks) for (const y of marks) if (!(x === 6 && y === 6) && !(x === 6 && y === far) && !(x === far && y === 6)) this.rings(x, y, 2, [1]);
    this.format(0);
    const said = protect(version, 12, 0x1f25);
    for (let i = 0; version >= 7 && i < 18; i++) {
      const a = size - 11 + (i % 3), b = Math.floor(i / 3);
      this.fix(a, b, (said >> i) & 1);
      this.fix(b, a, (said >> i) & 1);
    }
  }

  // Level M is 00.
  format(mask) {
    const { size } = this, said = protect(mask, 10, 0x537) ^ 0x5412, bit = (i) => (said >> i) & 1;
    for (let i = 0; i < 15; i++) {
      this.fix(8, i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, bit(i));
      this.fix(i < 8 ? size - 1 - i : i === 8 ? 7 : 14 - i, 8, bit(i));
    }
    this.fix(8, size - 8, 1);
  }

  // Up and down in columns of two from the right, around what is fixed.
  fill(all) {
    const { size } = this;
    let i = 0;
    for (let right = size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let row = 0; row < size; row++) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - row : row;
        for (const x of [right, right - 1]) {
          if (this.fixed[y * size + x] || i >= all.length * 8) continue;
          this.dark[y * size + x] = (all[i >> 3] >> (7 - (i & 7))) & 1;
          i++;
        }
      }
    }
  }

  mask(number) {
    const { size } = this;
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (!this.fixed[y * size + x] && MASKS[number](x, y)) this.dark[y * size + x] ^= 1;
  }

  // How badly it reads (ISO/IEC 18004, 7.8.3).
  penalty() {
    const { size } = this;
    let sum = 0, dark = 0;
    for (const across of [true, false]) {
      for (let j = 0; j < size; j++) {
        let line = '';
        for (let i = 0; i < size; i++) line += across ? this.at(i, j) : this.at(j, i);
        for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
        // A finder's 1:1:3:1:1 beside four light modules; the margin is light.
        const wide = `0000${line}0000`;
        for (let i = wide.indexOf('1011101'); i >= 0; i = wide.indexOf('1011101', i + 1)) {
          if (wide.slice(i - 4, i) === '0000' || wide.slice(i + 7, i + 11) === '0000') sum += 40;
        }
      }
    }
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        dark += this.at(x, y);
        if (x > 0 && y > 0 && this.at(x, y) === this.at(x - 1, y) && this.at(x, y) === this.at(x, y - 1) && this.at(x, y) === this.at(x - 1, y - 1)) sum += 3;
      }
    }
    return sum + 10 * Math.floor(Math.abs(dark * 20 - size * size * 10) / (size * size));
  }
}

// A symbol: its side and its modules, row after row. parts and mask are for tests.
export function encode(text, { parts = segments(text), mask } = {}) {
  const bits = [];
  for (const part of parts) putSegment(bits, part);
  let version = 1;
  while (version <= MAX_VERSION && dataWords(version) * 8 < bits.length) version++;
  if (version > MAX_VERSION) throw new RangeError('too long');
  const square = new Square(version);
  square.patterns();
  square.fill(codewords(bits, version));
  let best = mask ?? 0, least = Infinity;
  for (let m = 0; mask === undefined && m < 8; m++) {
    square.format(m);
    square.mask(m);
    const p = square.penalty();
    if (p < least) [best, least] = [m, p];
    square.mask(m);
  }
  square.format(best);
  square.mask(best);
  return { version, size: square.size, mask: best, dark: square.dark };
}

// The symbol as the path of an SVG, with a margin of four modules.
export function path({ size, dark }) {
  let d = '';
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let run = 0;
      while (x + run < size && dark[y * size + x + run]) run++;
      if (run) d += `M${x + 4} ${y + 4}h${run}v1h-${run}z`;
      x += run;
    }
  }
  return d;
}
