// Only adds: every page works without it. Copying, sharing, printing, and the pay page that hears of the money.
'use strict';

const all = (selector) => document.querySelectorAll(selector);

for (const button of all('[data-copy]')) {
  const before = button.textContent, name = button.getAttribute('aria-label');
  button.hidden = false;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      // Old or plain-HTTP browsers: select a field and copy it.
      const field = document.createElement('textarea');
      field.value = button.dataset.copy;
      document.body.append(field);
      field.select();
      document.execCommand('copy');
      field.remove();
    }
    const said = document.querySelector('[data-said]'); // read out by a screen reader
    button.textContent = button.dataset.done;
    button.setAttribute('aria-label', button.dataset.done);
    if (said) said.textContent = `${button.dataset.done}: ${button.dataset.copy}`;
    setTimeout(() => { button.textContent = before; button.setAttribute('aria-label', name); }, 2500);
  };
}

for (const button of all('[data-share]')) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.onclick = () => navigator.share({ title: button.dataset.title, url: button.dataset.share }).catch(() => {});
}

for (const button of all('[data-print]')) {
  button.hidden = false;
  button.onclick = () => print();
}

// Long work and lists that change: the page's own document says when to look again; only its progress moves in place.
for (const live of all('[data-poll]')) {
  const mark = (d) => (d.sums ? `${d.sums.received}:${d.issued}` : d.items ? JSON.stringify(d.items) : `${d.state}:${d.stage ?? ''}:${d.total ?? ''}`);
  let before = live.dataset.mark;
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'application/json' }, cache: 'no-store' });
      const now = await answer.json(), bar = live.querySelector('progress[max]'), count = live.querySelector('[data-count]');
      if (before && mark(now) !== before) location.reload();
      before = mark(now);
      if (bar) bar.value = now.done;
      if (count && now.total) count.textContent = `${now.done.toLocaleString('vi')} / ${now.total.toLocaleString('vi')}`;
    } catch { /* no network now */ }
  }, live.dataset.poll);
}

const page = document.querySelector('[data-events]');
if (page && !/^(paid|cancelled)/.test(page.dataset.status)) {
  let heard = 0; // when the stream last said anything

  // The server's page is the truth: when status or mark (another for each payment) differ from what is shown, it is loaded again, from its top, where
  // the news stand.
  const compare = (now) => {
    if (!now.status || (now.status === page.dataset.status && now.mark === page.dataset.mark)) return;
    history.scrollRestoration = 'manual';
    location.reload();
  };
  const listen = (event) => {
    heard = Date.now();
    try { compare(JSON.parse(event.data)); } catch { /* the poll asks again */ }
  };
  const poll = async () => {
    if (document.hidden || Date.now() - heard < 14000) return;
    try {
      const answer = await fetch(page.dataset.json, { cache: 'no-store' });
      if (answer.ok) compare(await answer.json());
    } catch { /* no network now */ }
  };

  if (window.EventSource) {
    const stream = new EventSource(page.dataset.events);
    stream.onmessage = listen;
    stream.addEventListener('status', listen);
  }
  setInterval(poll, 15000);
  document.addEventListener('visibilitychange', poll);
}

// Lists and items that are worked through: j and k go down and up, Enter opens (the link has the focus), x goes to the note of what is dismissed.
const rows = [...all('[data-keys] tbody th a, [data-suggestion] button')];
const note = document.querySelector('[data-dismiss] input[name=reason]');
if (rows.length > 0 || note) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, textarea')) return;
    const at = rows.indexOf(document.activeElement);
    const to = event.key === 'j' ? rows[at + 1] : event.key === 'k' ? rows[Math.max(at, 1) - 1] : event.key === 'x' ? note : undefined;
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
}
