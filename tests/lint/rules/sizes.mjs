// A function fits in a screen, a file has one concern (tables of cases in tests may be longer). tests/lint/long-files.tsv names the files that
// are longer for a reason; a number there may only shrink, and a file that became short enough must leave the list.
import { isC, readTable } from '../tree.mjs';

export const name = 'sizes';
export const limits = { file: 520, function: 60, test: { file: 600, function: 100 } };

const listed = 'tests/lint/long-files.tsv';

// Functions of code written with the brace of a function alone in column one.
function* functionsOf(rows) {
  for (let i = 0, start = -1; i < rows.length; i++) {
    if (rows[i] === '{' || /^[a-z_][\w\s*]*\(.*\)\s*\{$/.test(rows[i])) start = i;
    else if (rows[i] === '}' && start >= 0) {
      yield { line: start + 1, lines: i - start + 1, head: rows[start] === '{' ? rows.slice(Math.max(0, start - 3), start).join(' ') : rows[start] };
      start = -1;
    }
  }
}

export function check(files) {
  const table = files.find((f) => f.file === listed)?.text ?? '';
  const known = new Map(readTable(table).map(([file, lines, why]) => [file, { lines: Number(lines), why }]));
  const found = [];
  for (const { file, text } of files) {
    if (!isC(file)) continue;
    const rows = text.split('\n'), lines = rows.length - 1, exception = known.get(file);
    const { file: limit, function: most } = file.startsWith('tests/') ? limits.test : limits;
    known.delete(file);
    if (lines > (exception?.lines ?? limit)) found.push({ file, line: lines, says: `${lines} lines, more than ${exception?.lines ?? limit}: split it by concern` });
    else if (exception && lines <= limit) found.push({ file, line: 1, says: `no longer longer than ${limit} lines: take it out of ${listed}` });
    else if (exception && exception.lines > lines) found.push({ file, line: 1, says: `has shrunk: write ${lines} in ${listed}` });
    if (exception && !exception.why) found.push({ file, line: 1, says: `${listed} gives no reason for its length` });
    for (const f of functionsOf(rows))
      if (f.lines > most) found.push({ file, line: f.line, says: `a function of ${f.lines} lines (${/(\w+)\s*\(/.exec(f.head)?.[1] ?? '?'}), more than ${most}` });
  }
  for (const file of known.keys()) found.push({ file: listed, line: 1, says: `names ${file}, which is not there` });
  return found;
}
