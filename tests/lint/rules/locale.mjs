// Catalogues: every language has the texts of vi/ with the same {placeholders}, in files of the same names and in the same order;
// every text is used by a template or by C, and every text that these ask for is there.
export const name = 'locale';

const folder = 'lib/web/locale/';

// Entries of a PO file: [{ key, text, line }].
export function readPo(text) {
  const entries = [];
  let at;
  text.split('\n').forEach((row, i) => {
    const [, word, value] = /^(msgid|msgstr)?\s*"(.*)"$/.exec(row) ?? [];
    if (value === undefined) return;
    if (word === 'msgid') entries.push(at = { key: '', text: '', line: i + 1, part: 'key' });
    else if (word === 'msgstr') at.part = 'text';
    if (at) at[at.part] += value;
  });
  return entries.filter((e) => e.key !== '');
}

const placeholders = (text) => (text.match(/\{[^}]*\}/g) ?? []).sort().join(' ');

export function check(files) {
  const found = [];
  const catalogues = new Map(); // language → { file, key → entry }
  for (const f of files.filter((f) => f.file.startsWith(folder) && f.file.endsWith('.po'))) {
    const [tag, ...rest] = f.file.slice(folder.length).split('/');
    const c = catalogues.get(tag) ?? { parts: [], entries: [] };
    catalogues.set(tag, c);
    const part = { file: f.file, name: rest.join('/'), entries: readPo(f.text) };
    c.parts.push(part);
    for (const e of part.entries) c.entries.push({ ...e, file: f.file });
  }
  const first = catalogues.get('vi');
  if (!first) return found;
  const known = new Map(first.entries.map((e) => [e.key, e]));
  for (const c of catalogues.values()) {
    const keys = new Set();
    for (const e of c.entries) {
      const tell = (says) => found.push({ file: e.file, line: e.line, says });
      if (keys.has(e.key)) tell(`"${e.key}" is there twice`);
      keys.add(e.key);
      if (!known.has(e.key)) tell(`"${e.key}" is not in vi`);
      else if (placeholders(known.get(e.key).text) !== placeholders(e.text)) tell(`"${e.key}" has other placeholders than in vi`);
      if (e.text === '') tell(`"${e.key}" has no text`);
    }
    for (const key of known.keys()) if (!keys.has(key)) found.push({ file: c.parts[0].file, line: 1, says: `"${key}" is missing` });
    for (const part of c.parts) {
      const like = first.parts.find((p) => p.name === part.name);
      if (like?.entries.length === part.entries.length && like.entries.map((e) => e.key).join() !== part.entries.map((e) => e.key).join())
        found.push({ file: part.file, line: 1, says: 'its keys are in another order than in vi' });
    }
  }
  const asked = new Set(), beginnings = new Set();
  for (const { file, text } of files) {
    if (!file.startsWith('lib/web/') || file.startsWith(folder)) continue;
    text.split('\n').forEach((row, i) => {
      for (const [, key] of row.matchAll(/\{\{\s*t\.([\w.]+)\s*\}\}/g)) {
        asked.add(key);
        if (!known.has(key)) found.push({ file, line: i + 1, says: `there is no text "${key}"` });
      }
      if (!/\.c$/.test(file)) return;
      for (const [, key] of row.matchAll(/"([a-z_]+\.[\w.]+)"/g)) asked.add(key);
      for (const [, start] of row.matchAll(/"([a-z_]+\.)%/g)) beginnings.add(start); // "error.%d"
    });
  }
  for (const e of first.entries)
    if (!asked.has(e.key) && ![...beginnings].some((b) => e.key.startsWith(b))) found.push({ file: e.file, line: e.line, says: `"${e.key}" is used by nobody` });
  return found;
}
