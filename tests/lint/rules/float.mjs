// No floating point where money passes: amounts are int64_t đồng.
import { isC, lineAt, moduleOf, scanC } from '../tree.mjs';

export const name = 'float';

const money = new Set(['pay', 'vietqr', 'provider', 'flow', 'db', 'api']);
const floating = /\b(float|double)\b|\bjson_(real|real_value|number_value|is_real\s*\([^)]*\)\s*\?)\b|(?<![\w.])\d+\.\d+[fFlL]?\b|(?<![\w.])\d+[eE][+-]?\d+\b/g;

export function check(files) {
  const found = [];
  for (const { file, text } of files) {
    if (!isC(file) || !money.has(moduleOf(file))) continue;
    const { code } = scanC(text);
    for (const hit of code.matchAll(floating))
      found.push({ file, line: lineAt(code, hit.index), says: `floating point (${hit[0]}) in a module that money passes through` });
  }
  return found;
}
