// Every rule must be able to fail: a bad sample is found, on its line, and a good one is not.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root, scanC } from './tree.mjs';

const rule = async (name) => (await import(`./rules/${name}.mjs`)).check;
const real = (file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') });
const lines = (found) => found.map((f) => f.line);
const banned = real('include/khop/base/banned.h');
const includes = real('tests/lint/includes.tsv');

test('scanC keeps lines, blanks comments and literals, joins neighbouring strings', () => {
  const { code, strings } = scanC('int a; /* "no" \n */ f("x\\"y" /* c */\n  "z", \'"\'); // "q"\nchar *s = "w";\n');
  assert.equal(code.split('\n').length, 5);
  assert.ok(!/no|x|z|q|w/.test(code.replace(/\bint\b/, '')));
  assert.deepEqual(strings, [{ line: 2, value: 'x\\"yz' }, { line: 4, value: 'w' }]);
});

test('includes: a lower module may not see a higher one, a library has its owners, an installed header is alone', async () => {
  const check = await rule('includes');
  const at = (file, text) => check([includes, { file, text }]);
  assert.deepEqual(lines(at('lib/flow/settle.c', '#include "khop/pay/code.h"\n#include "khop/http/req.h"\n')), [2]);
  assert.deepEqual(lines(at('lib/http/conn.c', '#include "khop/db/db.h"\n')), [1]);
  assert.deepEqual(lines(at('include/khop/pay/code.h', '#include <libpq-fe.h>\n')), [1]);
  assert.deepEqual(lines(at('lib/flow/settle.c', '#include <jansson.h>\n#include <openssl/evp.h>\n')), [1, 2]);
  assert.deepEqual(lines(at('include/vietqr.h', '#include <stddef.h>\n#include "khop/base/rc.h"\n')), [2]);
  assert.deepEqual(lines(at('lib/newmodule/x.c', '#include <stdio.h>\n')), [1]);
  assert.deepEqual(at('lib/app/serve.c', '#include "khop/db/db.h"\n#include "khop/http/req.h"\n'), []);
  assert.deepEqual(at('lib/db/conn.c', '#include <libpq-fe.h>\n#include "khop/loop/loop.h"\n'), []);
});

test('banned: a call, and a missing or early banned.h', async () => {
  const check = await rule('banned');
  const at = (text, file = 'lib/base/x.c') => check([banned, { file, text }]);
  assert.deepEqual(lines(at('#include "khop/base/banned.h"\nvoid f(void) { strcpy(a, b); }\n')), [2]);
  assert.deepEqual(lines(at('#include "khop/base/banned.h"\n#include <stdio.h>\n')), [2]);
  assert.deepEqual(lines(at('int x;\n')), [1]);
  assert.deepEqual(lines(at('#include "khop/base/banned.h"\nint f(void) { return sleep (1); }\n')), [2]);
  assert.deepEqual(at('#include <stdio.h>\n#include "khop/base/banned.h"\n/* strcpy(a) */ const char *s = "strcpy(a)";\n'), []);
});

test('sql_in_c: statements, also over several literals; not words in messages', async () => {
  const check = await rule('sql_in_c');
  const at = (text) => lines(check([{ file: 'lib/db/x.c', text }]));
  for (const sql of ['select * from t', 'SELECT khop.f($1)', 'insert into t values (1)', 'update t set a = 1', 'delete from t', 'create table t (a int)',
    'create or replace function f()', 'drop role x', 'with a as (select 1) select 2', 'select $1::int', 'truncate t', 'grant select on t to u'])
    assert.deepEqual(at(`int a;\nconst char *q = "${sql}";\n`), [2], sql);
  assert.deepEqual(at('const char *q = "select "\n  "* from t";\n'), [1]);
  for (const prose of ['select a bank', 'create an account', 'update the app', 'LISTEN khop', 'begin', 'drop the connection', 'with care'])
    assert.deepEqual(at(`const char *q = "${prose}";\n`), [], prose);
});

test('float: types, literals and json reals in modules that money passes through, nowhere else', async () => {
  const check = await rule('float');
  const at = (text, file = 'lib/pay/x.c') => lines(check([{ file, text }]));
  assert.deepEqual(at('double d;\nint n = 1;\nfloat f;\n'), [1, 3]);
  assert.deepEqual(at('int a = x * 0.1;\nint b = 1e3;\n'), [1, 2]);
  assert.deepEqual(at('v = json_number_value(j);\n'), [1]);
  assert.deepEqual(at('/* double entry, 1.5 */ int n = 0x1e5; const char *v = "1.5";\n'), []);
  assert.deepEqual(at('double d;\n', 'lib/loop/x.c'), []);
});

test('sizes: long file, long function, exceptions that only shrink', async () => {
  const check = await rule('sizes');
  const file = 'lib/base/x.c', of = (n) => 'int a;\n'.repeat(n);
  const list = (text) => ({ file: 'tests/lint/long-files.tsv', text });
  assert.equal(check([{ file, text: of(520) }]).length, 0);
  assert.equal(check([{ file, text: of(521) }]).length, 1);
  assert.equal(check([list(`${file}\t700\tone table\n`), { file, text: of(700) }]).length, 0);
  assert.equal(check([list(`${file}\t700\tone table\n`), { file, text: of(701) }]).length, 1);
  assert.equal(check([list(`${file}\t700\tone table\n`), { file, text: of(699) }]).length, 1);
  assert.equal(check([list(`${file}\t700\tone table\n`), { file, text: of(10) }]).length, 1);
  assert.equal(check([list(`${file}\t700\t\n`), { file, text: of(700) }]).length, 1);
  assert.equal(check([list('lib/gone.c\t700\tx\n')]).length, 1);
  const body = (n) => `int f(void)\n{\n${'    a();\n'.repeat(n)}}\n`;
  assert.deepEqual(check([{ file, text: body(58) }]), []);
  assert.deepEqual(lines(check([{ file, text: body(59) }])), [2]);
  assert.deepEqual(check([{ file: 'tests/unit/base/x.c', text: body(98) }]), []);
});

test('words: unfinished work, machine paths, registries, conflicts', async () => {
  const check = await rule('words');
  const at = (text) => lines(check([{ file: 'README.md', text }]));
  for (const bad of ['TO' + 'DO later', '/* FIX' + 'ME */', '/wo' + 'rk/x', ' cp /home/' + 'ann/x', 'https://registry.npm' + 'js.org/', '<<<<' + '<<< HEAD'])
    assert.deepEqual(at(`fine\n${bad}\n`), [2], bad);
  assert.deepEqual(at(`the work/life balance, /workers, $HOME${'/wo'}rk/x, mastodon\n`), []);
});

test('text: line ends, blanks, tabs, normal form', async () => {
  const check = await rule('text');
  const at = (text, file = 'lib/base/x.c') => lines(check([{ file, text }]));
  assert.deepEqual(at('a \nb\r\n\tc\n'), [1, 2, 3]);
  assert.deepEqual(at('a'), [1]);
  assert.deepEqual(at('ti\u00ea\u0300n\nti\u1ec1n\n', 'lib/web/locale/vi/x.po'), [1]);
});

test('locale: languages agree on keys and placeholders, no text is missing or idle', async () => {
  const check = await rule('locale');
  const po = (lang, entries) => ({ file: `lib/web/locale/${lang}/x.po`, text: `msgid ""\nmsgstr ""\n"Language: ${lang}\\n"\n` +
    entries.map(([k, t]) => `\nmsgid "${k}"\nmsgstr "${t}"\n`).join('') });
  const page = { file: 'lib/web/templates/x.html', text: '{{t.a}}\n{{ t.b }}\n' };
  const says = (...files) => check(files).map((f) => f.says);
  assert.deepEqual(says(po('vi', [['a', 'x {n}'], ['b', 'y']]), po('en', [['a', '{n} z'], ['b', 'w']]), page), []);
  assert.deepEqual(says(po('vi', [['a', 'x {n}'], ['b', 'y']]), po('en', [['a', '{m} z'], ['b', 'w']]), page), ['"a" has other placeholders than in vi']);
  assert.deepEqual(says(po('vi', [['a', 'x'], ['b', 'y']]), po('en', [['a', 'z']]), page), ['"b" is missing']);
  assert.deepEqual(says(po('vi', [['a', 'x'], ['b', 'y']]), po('en', [['a', 'z'], ['b', 'y'], ['c', 'y']]), page), ['"c" is not in vi']);
  assert.deepEqual(says(po('vi', [['a', 'x'], ['b', 'y'], ['c', 'z']]), page), ['"c" is used by nobody']);
  assert.deepEqual(says(po('vi', [['a', 'x']]), page), ['there is no text "b"']);
  assert.deepEqual(says(po('vi', [['a', 'x'], ['b', 'y']]), po('en', [['b', 'y'], ['a', 'x']]), page), ['its keys are in another order than in vi']);
});

test('idle: functions, statements, templates, classes, parts of the API that nobody uses', async () => {
  const check = await rule('idle');
  const f = (file, text) => ({ file, text });
  const says = (...files) => check(files).map((x) => `${x.file}:${x.line}: ${x.says}`);
  const called = f('sql/functions/a.sql', '-- b is not called here\ncreate or replace function khop.a() as $f$ select 1 $f$;\ncomment on function khop.a is \'a, b\';\n');
  const asking = f('sql/statements/ask.sql', '-- retry: yes\nselect khop.a()\n'), caller = f('lib/flow/x.c', 'db_call(DB_ASK);\n');
  assert.deepEqual(says(called, asking, caller), []);
  assert.deepEqual(says(called, asking), ['sql/statements/ask.sql:1: no program asks for this statement']);
  assert.deepEqual(says(called, f('sql/functions/b.sql', '-- Calls a.\ncreate or replace function khop.b() as $f$ select khop.a() $f$;\n')), ['sql/functions/b.sql:2: nobody calls b']);
  const page = f('lib/web/templates/x.html', '<p class="big{{#a}} red{{/a}}">\n<p class="seen">'), c = f('lib/web/x.c', 'show("x.html");');
  const css = f('lib/web/static/page.css', '.big { color: #abc }\n/* .old */ .red,\n.gone { --x: .5 }\n'), script = f('lib/web/static/x.mjs', "one('.seen')");
  assert.deepEqual(says(page, c, css, script), ['lib/web/static/page.css:3: no template and no script has "gone"']);
  assert.deepEqual(says(page, c, f(css.file, '.big, .red {}\n')), ['lib/web/templates/x.html:2: the style sheet knows no "seen"']);
  assert.deepEqual(says(page), ['lib/web/templates/x.html:1: no page shows this template']);
  const api = (more) => f('lib/api/openapi/x.json', JSON.stringify({ paths: { '/': { $ref: '#/components/schemas/A' } }, components: { schemas: { A: {}, ...more } } }));
  assert.deepEqual(says(api({})), []);
  assert.deepEqual(says(api({ B: {} })), ['lib/api/openapi/x.json:1: nothing refers to schemas/B']);
});

test('count: what tests/run reads out of logs', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'khop-count-'));
  const count = (text, status = 0) => {
    writeFileSync(path.join(folder, 'log'), text);
    return execFileSync('bash', ['-c', '. tests/lib/count.sh; count_results "$1/log" "$2"; echo "$count_passed $count_failed"', '-', folder, String(status)], { cwd: root }).toString().trim();
  };
  const ctest = (body, end) => `${body}\n<end of output>\nTest time = 0.00 sec\n---\nTest ${end}.\n"x" end time: now\n`;
  try {
    assert.equal(count('x\n3 passed, 0 failed\n'), '3 0');
    assert.equal(count('3 passed, 0 failed\n', 1), '3 1');
    assert.equal(count(''), '0 1');
    assert.equal(count('# tests 5\n# pass 4\n# fail 1\n# cancelled 0\n', 1), '4 1');
    assert.equal(count('ℹ pass 7\nℹ fail 0\nℹ cancelled 2\n', 1), '7 2');
    const ok = '[  PASSED  ] 2 test(s).', half = '[  PASSED  ] 1 test(s).\n[  FAILED  ] 3 test(s), listed below:\n[  FAILED  ] t2';
    assert.equal(count(`Start testing: now\n${ctest(ok, 'Passed')}${ctest(half, 'Failed')}`, 8), '3 3');
    assert.equal(count(`Start testing: now\n${ctest('[ RUN      ] t', 'Failed')}${ctest('', 'Passed')}`, 8), '1 1', 'a crash is a failure, a silent program a test');
    assert.equal(count(`Start testing: now\n${ctest(ok, 'Failed')}`, 8), '2 1', 'a leak after the last test');
    assert.equal(count(`Start testing: now\nUnable to find executable: x\n${ctest('', 'Passed')}`, 8), '0 1');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('tests/run refuses a suite that it does not know', () => {
  const run = spawnSync('tests/run', ['nonsense'], { cwd: root });
  assert.equal(run.status, 2);
  assert.match(run.stderr.toString(), /no suite "nonsense"/);
});
