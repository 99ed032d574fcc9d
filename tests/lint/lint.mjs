// Runs every rule over the tree: a line per finding ("file:line: sentence"), and "N passed, N failed" with a rule as a test.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { readTree, root } from './tree.mjs';

const folder = path.join(root, 'tests/lint/rules');
const only = process.argv.slice(2);
const files = readTree();
let passed = 0, failed = 0;

for (const entry of readdirSync(folder).filter((n) => n.endsWith('.mjs')).sort()) {
  const rule = await import(path.join(folder, entry));
  if (only.length && !only.includes(rule.name)) continue;
  const found = rule.check(files);
  for (const { file, line, says } of found) console.log(`${file}:${line}: ${says} [${rule.name}]`);
  if (found.length) failed++; else passed++;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;
