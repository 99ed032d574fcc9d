// A small server for pages made of documents by web_render, with the policy of the real one (security.md §3) and the static
// files: for states that the server does not reach, and for looking at pages without a database (shots.mjs).
import http from 'node:http';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..');
const render = path.join(path.resolve(root, process.env.KHOP_BUILD ?? 'build/dev'), 'tests/web_render');

const headers = {
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

export const names = readdirSync(path.join(root, 'tests/web/documents')).map((n) => n.replace('.json', '')).sort();
export const documentOf = (name) => JSON.parse(readFileSync(path.join(root, 'tests/web/documents', `${name}.json`), 'utf8'));
export const page = (name, lang = 'vi') => execFileSync(render, [name.split('_')[0], lang, ...(name === 'desk_components' ? [path.join(root, 'tests/web/components.html')] : [])], { input: JSON.stringify(documentOf(name)) }).toString();

export const assets = new Map(execFileSync(render, ['--assets'], { maxBuffer: 1 << 24 }).toString().trim().split('\n').map((row) => {
  const [name, type, gzip, hex] = row.split('\t');
  return [name, { type, gzip: Number(gzip), bytes: Buffer.from(hex, 'hex') }];
}));

// Serves /NAME?lang= for each document; their streams stay silent.
export async function open() {
  const server = http.createServer((rq, rs) => {
    const { pathname, searchParams } = new URL(rq.url, 'http://x');
    const send = (status, type, body) => { rs.writeHead(status, { ...headers, 'Content-Type': type }); rs.end(body); };
    const asset = assets.get(pathname.replace('/static/', ''));
    if (asset) return send(200, asset.type, asset.bytes);
    if (names.includes(pathname.slice(1))) return send(200, 'text/html; charset=utf-8', page(pathname.slice(1), searchParams.get('lang') ?? 'vi'));
    if (pathname.endsWith('/events')) {
      rs.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream' });
      return rs.write(':\n\n');
    }
    return send(404, 'text/plain', 'nothing here');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); return new Promise((done) => server.close(done)); } };
}
