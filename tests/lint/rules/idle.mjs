// Nothing lies about unused: SQL functions and statements, templates, classes of the style sheet, parts of the API's description.
// (Texts are looked after by the rule "locale", names of C by tests/lint/symbols.)
export const name = 'idle';

const word = (w) => new RegExp(`(?<![\\w-])${w}(?![\\w-])`);
const stem = (file) => /([^/]+)\.\w+$/.exec(file)[1];
const under = (files, pattern) => files.filter((f) => pattern.test(f.file));
const joined = (files) => files.map((f) => f.text).join('\n');

// SQL without comments and without the lines that only say whose a function is: what is left calls it.
const callsOf = (text) => text.split('\n').filter((l) => !/^\s*--|^(alter|revoke|grant|comment|drop)\b/.test(l)).join('\n')
  .replace(/create or replace (function|view|procedure) [\w.]+/g, '');

function* sqlIdle(files) {
  const sql = under(files, /^sql\//), words = new Map(); // word → files that have it
  for (const f of [...sql, ...under(files, /^(lib|cmd|deploy|tests\/bench)\//)])
    for (const [w] of (f.file.startsWith('sql/') ? callsOf(f.text) : f.text).matchAll(/\w+/g))
      words.set(w, (words.get(w) ?? new Set()).add(f.file));
  for (const f of under(sql, /^sql\/functions\//))
    for (const m of f.text.matchAll(/create or replace (?:function|view|procedure) \w+\.(\w+)/g))
      if (![...words.get(m[1]) ?? []].some((file) => file !== f.file)) yield { file: f.file, line: f.text.slice(0, m.index).split('\n').length, says: `nobody calls ${m[1]}` };
  for (const f of under(sql, /^sql\/statements\//)) {
    const asked = [...words.get(`DB_${stem(f.file).toUpperCase()}`) ?? [], ...words.get(stem(f.file)) ?? []];
    if (!asked.some((file) => /^(lib|cmd)\//.test(file))) yield { file: f.file, line: 1, says: 'no program asks for this statement' };
  }
}

function* pagesIdle(files) {
  const templates = under(files, /^lib\/web\/templates\//), scripts = joined(under(files, /^lib\/web\/static\/.*js$/));
  const c = joined(under(files, /^lib\/web\/[^/]*\.[ch]$/)), sheet = files.find((f) => f.file === 'lib/web/static/page.css');
  for (const f of templates) {
    const page = f.file.slice('lib/web/templates/'.length);
    if (!c.includes(`"${page}"`) && !templates.some((t) => t.text.includes(`{{>${page}}}`))) yield { file: f.file, line: 1, says: 'no page shows this template' };
  }
  if (!sheet) return;
  const styled = new Set(), shown = joined(templates) + scripts + c;
  const selectors = sheet.text.replace(/\/\*[^]*?\*\/|\{[^{}]*\}/g, (m) => m.replace(/[^\n]/g, ' '));
  for (const [i, row] of selectors.split('\n').entries()) {
    for (const [, kind, w] of row.matchAll(/([.#])([a-z_][\w-]*)/gi)) {
      if (kind === '.') styled.add(w);
      if (!word(w).test(shown)) yield { file: sheet.file, line: i + 1, says: `no template and no script has "${w}"` };
    }
  }
  for (const f of templates)
    for (const m of f.text.matchAll(/class="([^"]*)"/g))
      for (const w of m[1].replace(/\{\{[^}]*\}\}/g, ' ').split(/\s+/))
        if (w && !styled.has(w) && !scripts.includes(`.${w}`)) yield { file: f.file, line: f.text.slice(0, m.index).split('\n').length, says: `the style sheet knows no "${w}"` };
}

function* apiIdle(files) {
  const parts = under(files, /^lib\/api\/openapi\/.*\.json$/), all = joined(parts);
  for (const f of parts)
    for (const [kind, members] of Object.entries(JSON.parse(f.text).components ?? {}))
      for (const member of Object.keys(members))
        if (kind !== 'securitySchemes' && !all.includes(`"#/components/${kind}/${member}"`)) yield { file: f.file, line: 1, says: `nothing refers to ${kind}/${member}` };
}

export const check = (files) => [...sqlIdle(files), ...pagesIdle(files), ...apiIdle(files)];
