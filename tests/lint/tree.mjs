// The files that the rules look at, and what they share for reading C.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, lstatSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');

// Every file that is, or would be, part of a commit; without git (an unpacked archive): all but what .gitignore names.
export function listTree() {
  try {
    return execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      { cwd: root, maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] }).toString().split('\0').filter(Boolean).sort();
  } catch {
    const walk = (folder) => readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((e) => {
      const file = path.posix.join(folder, e.name);
      return e.isDirectory() ? (/^(build|var|\.git|tests\/node_modules)$/.test(file) ? [] : walk(file)) : [file];
    });
    return walk('').sort();
  }
}

// The text files among them: [{ file, text }], paths relative to the root.
export function readTree() {
  const names = listTree();
  const files = [];
  for (const file of new Set(names)) {
    const full = path.join(root, file);
    let stat;
    try { stat = lstatSync(full); } catch { continue; } // deleted, not yet committed
    if (!stat.isFile() || stat.size > 2_000_000) continue;
    const bytes = readFileSync(full);
    if (!bytes.includes(0)) files.push({ file, text: bytes.toString('utf8') });
  }
  return files;
}

export const isC = (file) => /\.[ch]$/.test(file) && /^(lib|cmd|include|tests)\//.test(file);

// The module that a file belongs to: lib/X/…, include/khop/X/…, cmd/X/…; undefined elsewhere.
export const moduleOf = (file) => /^(?:lib|include\/khop|cmd)\/([^/]+)\//.exec(file)?.[1];

// C source in two views of the same length and lines: `code` with comments and the contents of literals blanked,
// `strings` with each literal (neighbours joined, as the compiler does) and the line it starts on.
export function scanC(text) {
  let code = '';
  const strings = [];
  let i = 0, line = 1, glued = false; // glued: only white space since the last literal
  const blank = (from, to) => { for (let k = from; k < to; k++) { if (text[k] === '\n') { code += '\n'; line++; } else code += ' '; } };
  while (i < text.length) {
    const c = text[i], two = text.slice(i, i + 2);
    let end = i + 1;
    if (two === '/*') {
      end = text.indexOf('*/', i + 2);
      end = end < 0 ? text.length : end + 2;
      blank(i, end);
    } else if (two === '//') {
      end = text.indexOf('\n', i);
      end = end < 0 ? text.length : end;
      blank(i, end);
    } else if (c === '"' || c === "'") {
      while (end < text.length && text[end] !== c && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
      end = Math.min(end + 1, text.length);
      if (c === '"') {
        const value = text.slice(i + 1, end - 1);
        if (glued) strings.at(-1).value += value;
        else strings.push({ line, value });
        glued = true;
      } else glued = false;
      code += c;
      blank(i + 1, end - 1);
      code += c;
    } else {
      code += c;
      if (c === '\n') line++;
      else if (!/\s/.test(c)) glued = false;
    }
    i = end;
  }
  return { code, strings };
}

export const lineAt = (text, offset) => text.slice(0, offset).split('\n').length;

// Rows of a tab-separated table, without comments and empty lines.
export const readTable = (text) => text.split('\n').filter((l) => l.trim() && !l.startsWith('#')).map((l) => l.split('\t').map((f) => f.trim()));
