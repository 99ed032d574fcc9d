// Functions nobody calls: every .c of the product ends its includes with khop/base/banned.h, which poisons the names for the compiler.
// Looked for here too, since the poison does not reach macros of system headers and files that forget the include.
import { isC, lineAt, scanC } from '../tree.mjs';

export const name = 'banned';

const header = 'include/khop/base/banned.h';
const more = ['vfork', 'tmpnam', 'mktemp', 'tempnam', 'sleep', 'usleep']; // races, and waits that stop a loop

export function check(files) {
  const poison = files.find((f) => f.file === header).text.match(/^#pragma GCC poison .*$/gm).flatMap((l) => l.split(/\s+/).slice(3));
  const pattern = new RegExp(`\\b(${[...poison, ...more].join('|')})\\s*\\(`, 'g');
  const found = [];
  for (const { file, text } of files) {
    if (!isC(file) || file === header || file.startsWith('tests/')) continue;
    const { code } = scanC(text);
    for (const hit of code.matchAll(pattern))
      found.push({ file, line: lineAt(code, hit.index), says: `${hit[1]} is banned here` });
    if (!file.endsWith('.c')) continue;
    // Rows of a table ("x_table.h") may be included where the table is.
    const includes = [...text.matchAll(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/gm)].filter((m) => !m[1].endsWith('_table.h') || m[0].includes('khop'));
    const last = includes.at(-1);
    if (last?.[1] !== 'khop/base/banned.h')
      found.push({ file, line: last ? lineAt(text, last.index + last[0].length) : 1, says: 'the last include is not "khop/base/banned.h"' });
  }
  return found;
}
