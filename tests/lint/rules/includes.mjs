// Dependencies point one way (design.md §3); the table is tests/lint/includes.tsv.
import { isC, moduleOf, readTable } from '../tree.mjs';

export const name = 'includes';

function readRules(text) {
  const modules = new Map(), libraries = [], publicHeaders = new Set();
  for (const [kind, who, a = '', b = ''] of readTable(text)) {
    if (kind === 'module') modules.set(who, new Set([who, ...a.split(' ').filter(Boolean)]));
    else if (kind === 'library') libraries.push({ who, pattern: new RegExp(a), modules: new Set(b.split(' ').filter(Boolean)) });
    else if (kind === 'public') publicHeaders.add(who);
    else throw new Error(`tests/lint/includes.tsv: unknown kind "${kind}"`);
  }
  return { modules, libraries, publicHeaders };
}

export function check(files) {
  const rules = readRules(files.find((f) => f.file === 'tests/lint/includes.tsv').text);
  const found = [];
  for (const { file, text } of files) {
    if (!isC(file) || file.startsWith('tests/')) continue;
    const module = moduleOf(file), sees = rules.modules.get(module);
    const isPublic = rules.publicHeaders.has(file);
    text.split('\n').forEach((row, i) => {
      const header = /^\s*#\s*include\s*[<"]([^>"]+)[>"]/.exec(row)?.[1];
      if (!header) return;
      const tell = (says) => found.push({ file, line: i + 1, says });
      if (isPublic && (header.startsWith('khop/') || !/^<[a-z0-9]+\.h>$/.test(row.replace(/.*include\s*/, '').trim())))
        return tell(`an installed header may include the C library only, not ${header}`);
      if (!module) return;
      if (!sees) return tell(`the module "${module}" is not in tests/lint/includes.tsv`);
      const other = /^khop\/([^/]+)\//.exec(header)?.[1] ?? (header === 'vietqr.h' ? 'vietqr' : undefined);
      if (other && !sees.has('*') && !sees.has(other)) tell(`${module} may not include headers of ${other} (${header})`);
      const library = rules.libraries.find((l) => l.pattern.test(header));
      if (library && !library.modules.has(module)) tell(`${library.who} belongs to ${[...library.modules].join(', ')}; ${module} may not include ${header}`);
    });
  }
  return found;
}
