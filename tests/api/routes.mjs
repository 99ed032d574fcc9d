// The routes of the server as the compiler sees them (lib/app/routes.c): [{method, pattern}].
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { source } from './harness.mjs';

export function routes() {
  const bare = readFileSync(path.join(source, 'lib/app/routes.c'), 'utf8').replace(/^#include.*$/gm, '');
  const text = execFileSync('cc', ['-E', '-P', '-x', 'c', '-'], { input: bare, encoding: 'utf8' });
  const table = text.slice(text.indexOf('app_routes[] ='));
  return [...table.slice(0, table.indexOf('};')).matchAll(/\.method\s*=\s*HTTP_(\w+),\s*\.pattern\s*=\s*((?:"[^"]*"\s*)+)/g)]
    .map(([, method, pattern]) => ({ method, pattern: pattern.replace(/"\s*"/g, '').trim().slice(1, -1) }));
}
