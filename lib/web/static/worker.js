// Keeps the page of one stall on the phone, so that it opens without a network: its files, and the page as it is without what came in (?shell=1).
// It is registered for that page alone, with ?page= and the ?file= it needs: other files, another worker. Whoever signs out, or is
// no longer let in, takes it away.
'use strict';

const about = new URL(location.href).searchParams, page = about.get('page'), files = about.getAll('file');
const prefix = `stall ${page} `, name = prefix + location.search;
const PATIENCE = 4000; // ms after which what is kept is shown: where there is little network there is none

const forget = async () => {
  for (const key of await caches.keys()) if (key.startsWith(prefix)) await caches.delete(key);
  await self.registration.unregister();
};

const keep = async () => {
  const cache = await caches.open(name), shell = await fetch(`${page}?shell=1`, { redirect: 'error', headers: { Accept: 'text/html' } });
  if (!shell.ok) throw new Error(`shell: ${shell.status}`);
  await cache.addAll(files);
  await cache.put(page, shell);
};

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});

self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const key of await caches.keys()) if (key.startsWith(prefix) && key !== name) await caches.delete(key);
  await self.clients.claim();
})()));

// A redirect is the way to the door: nobody is signed in.
const open = async (request) => {
  const kept = await (await caches.open(name)).match(page), fresh = fetch(request);
  if (!kept) return fresh;
  const answer = await Promise.race([fresh.catch(() => null), new Promise((done) => setTimeout(done, PATIENCE, null))]);
  if (answer && (answer.type === 'opaqueredirect' || [401, 403, 404].includes(answer.status))) await forget();
  return answer && answer.status < 500 ? answer : kept;
};

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  if (event.request.mode === 'navigate' && url.pathname === page) event.respondWith(open(event.request));
  else if (files.includes(url.pathname)) event.respondWith(caches.match(url.pathname, { cacheName: name }).then((kept) => kept ?? fetch(event.request)));
});

self.addEventListener('message', (event) => { if (event.data === 'forget') event.waitUntil(forget()); });
