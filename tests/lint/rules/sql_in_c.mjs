// SQL lives in sql/, embedded at build: a statement in a C string is one that no SQL test and no SQL lint sees.
// Session words without data (BEGIN, LISTEN, SET ROLE …) are not statements in that sense.
import { isC, scanC } from '../tree.mjs';

export const name = 'sql_in_c';

const statement = new RegExp([
  String.raw`^\s*(insert\s+into|delete\s+from|truncate\s|merge\s+into|copy\s+\S+\s+(from|to)\b|grant\s.*\sto\s|revoke\s.*\sfrom\s)`,
  String.raw`^\s*update\s+[\w.]+\s+set\b`,
  String.raw`^\s*(create|alter|drop)\s+(or\s+replace\s+)?(unique\s+)?(table|index|function|role|schema|database|view|type|extension|policy|trigger|sequence)\b`,
  String.raw`^\s*with\s+\w+\s*(\([^)]*\)\s*)?as\s*\(`,
  String.raw`^\s*select\s+(\*|[\w.$]+\s*(\(|,|::|$)|.*\bfrom\b)`,
].join('|'), 'i');

export function check(files) {
  const found = [];
  for (const { file, text } of files) {
    if (!isC(file) || file.startsWith('tests/')) continue;
    for (const { line, value } of scanC(text).strings)
      if (statement.test(value.replace(/\\n/g, ' '))) found.push({ file, line, says: `SQL in a string ("${value.slice(0, 40)}…"): put it under sql/` });
  }
  return found;
}
