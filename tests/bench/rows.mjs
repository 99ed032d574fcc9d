// The rows of the table. Each is measured on its own, once a round; a row returns its figures. Rows of settlements return how many answers
// of 2xx there were, too, and the books must have gained as many.
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { bulk } from './bulk.mjs'
import { id32, root, run, silently, sleep } from './world.mjs'

const median = list => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)]

// Notices for codes that nothing has been paid on yet.
function settle(w, options, { n = w.size.settle, repeats = 1, khopd, one = false } = {}) {
  w.settled() // what the row before left to be signed is not this row's work
  const before = w.number('select count(*) from khop.transfer'), wal = w.sql('select pg_current_wal_flush_lsn()')
  const r = w.load('settle', { '--first': w.first, '--n': n, '--repeats': repeats, '--seconds': w.size.seconds, '--one-org': one ? 1 : 0, ...options }, khopd)
  w.first += one ? n * 5 + 5 : Math.ceil(n / repeats)
  const gained = w.number('select count(*) from khop.transfer') - before, owed = repeats === 1 ? r.ok : Math.floor(r.ok / repeats) - 1
  if (gained < owed || gained > r.ok) throw new Error(`${r.ok} answers of 2xx, ${gained} in the books`)
  w.gained = gained
  // Images of whole pages are what a checkpoint costs, not a settlement: they come with each page's first change after it.
  const [records, images] = w.sql(`select sum(record_size), sum(fpi_size) from pg_get_wal_stats('${wal}', pg_current_wal_flush_lsn())`).split('|').map(Number)
  return { ...r.figures, wal_bytes: records / gained, wal_image_bytes: images / gained }
}
const cost = r => r.figures
const withTls = w => {
  if (!existsSync(`${w.home}/tls.pem`)) {
    run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', 2, '-subj', '/CN=127.0.0.1',
      '-keyout', `${w.home}/tls.key`, '-out', `${w.home}/tls.pem`], silently)
  }
  return ['--jobs', '0', '--tls-cert', `${w.home}/tls.pem`, '--tls-key', `${w.home}/tls.key`]
}

// ---- yardsticks ----
export const yardsticks = {
  'TPC-B, 32 clients': w => ({ per_second: w.pgbench('bench', ['-c', 32, '-j', 2, '-T', w.size.seconds]) }),
  'pgbench -S, 64 clients': w => ({ per_second: w.pgbench('bench', ['-S', '-c', 64, '-j', 2, '-T', Math.ceil(w.size.seconds / 2)]) }),
  'pg_test_fsync, fdatasync': w => {
    const program = run('find', ['/usr/lib/postgresql', '-name', 'pg_test_fsync'], silently).trim().split('\n').pop()
    const out = run(program, ['-s', 1, '-f', `${w.home}/fsync`], silently), per = Number(/fdatasync\s+([\d.]+) ops\/sec/.exec(out)[1])
    return { per_second: per, p50_ms: 1000 / per }
  },
  'bare calls of libraries': w => {
    const us = JSON.parse(run(w.bin('khop_yard'), []))
    return { ...us, svg_ratio: us.qr_svg_us / us.qrencode_us, png_ratio: us.qr_png_us / us.qrencode_us }
  },
}

// ---- settlements ----
export const settlements = {
  'settle, 256 connections': w => settle(w, { '--connections': 256 }),
  'settle, 64 connections': w => settle(w, { '--connections': 64 }),
  'settle, one organisation': w => settle(w, { '--connections': 256 }, { one: true, n: Math.floor(w.size.settle / 8) }),
  'settle, half repeats': w => settle(w, { '--connections': 256 }, { repeats: 2 }),
  'settle, 1,000/s': w => settle(w, { '--connections': 64, '--rate': 1000 }, { n: 1000 * Math.min(5, w.size.seconds) }),
  // The same server, once more, with a certificate; plain beside it is the first row.
  'settle, 256, TLS 1.3': w => {
    w.tls ??= w.start(withTls(w))
    return settle(w, { '--connections': 256 }, { khopd: w.tls })
  },
  // How old a receipt is when its signature is kept, at 10,000 a second.
  'receipts signed at 10,000/s': w => {
    const since = w.sql('select clock_timestamp()'), n = 10000 * w.size.signed
    const r = settle(w, { '--connections': 256, '--rate': 10000, '--seconds': 60 }, { n })
    w.settled()
    const [signed, p50, p99] = w.sql(`with lag as (
        select extract(epoch from s.signed_at - t.recorded_at) * 1000 as ms
          from khop.receipt_signature s
          join khop.receipt r on r.bucket = s.bucket and r.org_id = s.org_id and r.year = s.year and r.no >= s.first_no and r.no < s.first_no + octet_length(s.signatures) / 64
          join khop.transfer t on t.bucket = r.bucket and t.org_id = r.org_id and t.seq = r.seq
         where s.signed_at >= '${since}' and t.recorded_at >= '${since}')
      select count(*), percentile_cont(0.5) within group (order by ms), percentile_cont(0.99) within group (order by ms) from lag`).split('|').map(Number)
    if (signed !== w.gained) throw new Error(`${signed} of ${w.gained} receipts are signed`)
    return { per_second: r.per_second, p50_ms: p50, p99_ms: p99 }
  },
  // What a poller, a list notice or a statement uses; the making of the arrays is in it.
  'settle_batch alone, 2 lanes, 1,000': w => {
    writeFileSync(`${w.home}/batch.sql`, 'select bench.settle(:client_id, 1000, true);\n')
    return { per_second: 1000 * w.pgbench('books', ['-c', 2, '-j', 1, '-T', w.size.alone, '-f', `${w.home}/batch.sql`]) }
  },
}

// ---- codes, pages ----
const pages = (w, suffix) => {
  w.tokens ??= w.sql("select lpad(to_hex(bucket), 4, '0') || encode(token, 'hex') from khop.charge where charge_id & 1 = 0 limit 5000").split('\n')
    .map(hex => Buffer.from(hex, 'hex').toString('base64url'))
  writeFileSync(`${w.home}/paths`, w.tokens.map(t => `/p/${t}${suffix}\n`).join(''))
  return cost(w.load('get', { '--connections': 64, '--n': w.size.pages, '--seconds': w.size.seconds, '--paths': `${w.home}/paths` }))
}
export const others = {
  'codes issued, 64 connections': w => cost(w.load('codes', { '--connections': 64, '--n': w.size.issued, '--seconds': w.size.seconds, '--token': w.token })),
  'codes from one file': w => bulk({ run, sql: t => w.sql(t), db: w.db('postgres'), home: w.home, url: `http://127.0.0.1:${w.port}`, token: w.token,
    account: `acc_${id32(w.sql(`select min(account_id) from khop.account where org_id = ${w.org}`))}`, lines: w.size.lines }),
  'pay page, 64 connections': w => pages(w, ''),
  'pay QR as SVG, 64 connections': w => pages(w, '/qr.svg'),
  'pay QR as PNG, 64 connections': w => pages(w, '/qr.png'),
  // Slips of distinct payers, eight on a page, by one process of jobs; symbols_share is libqrencode alone.
  'slips as PDF': w => {
    const made = JSON.parse(run(w.bin('khop_print_load'), [w.size.slips]))
    return { pages_per_second: made.per_second, bytes_per_slip: made.bytes_per_slip, symbols_share: made.symbol_share }
  },
}

// ---- reports, beside the same question to the journal ----
// In one session, as khopd keeps its own: the first call plans, the next five count.
const timed = (w, text) => median(run('psql', ['-XAtq', '-d', w.db('postgres')], { input: `\\timing on\n${`${text} \\g /dev/null\n`.repeat(6)}` })
  .match(/(?<=Time: )[\d.]+/g).slice(1).map(Number))
export const reports = {
  'month by day, largest organisation': w => beside(w,
    `select * from khop.report_show(${token(w)}, clock_timestamp(), 'days', json_build_object('from', (now() - interval '31 days')::date, 'to', (now() + interval '1 day')::date)::text, 0, 0, 100)`,
    `select t.booked_on, t.account_id, t.direction, count(*), sum(t.amount) from khop.transfer t where t.bucket = ${bucket(w)} and t.org_id = ${w.org} group by 1, 2, 3`),
  // The last round of the largest organisation, which nobody has paid.
  'unpaid of 2,000: sums, first 1,000': w => beside(w,
    `select * from khop.report_show(${token(w)}, clock_timestamp(), 'unpaid', '{"label":"${round(w)}"}', 0, 0, 1000)`,
    `select c.charge_id, c.label, c.amount, coalesce(sum(t.amount), 0) from khop.charge c left join khop.transfer t on t.bucket = c.bucket and t.code_no = c.code_no
       where c.bucket = ${bucket(w)} and c.org_id = ${w.org} and c.label = '${round(w)}' and c.cancelled_at is null
       group by c.bucket, c.charge_id having coalesce(sum(t.amount), 0) < c.amount order by 2, 1`),
  'days of all organisations': w => beside(w,
    "select * from khop.report_organisations((now() - interval '31 days')::date, (now() + interval '1 day')::date)",
    'select t.org_id, t.booked_on, t.direction, count(*), sum(t.amount) from khop.transfer t group by 1, 2, 3'),
}
const round = w => `tien an ${Math.floor(w.size.codes / 10000) - 1}`
const bucket = w => w.number(`select bucket from khop.org where org_id = ${w.org}`)
const token = w => `sha256('${w.token}')` // as khop.login finds it
const beside = (w, summed, raw) => ({ ms: timed(w, summed), raw_ms: timed(w, raw) })

// ---- memory, disk ----
export const resources = {
  'memory, 1,000 idle connections': w => {
    const khopd = w.start(['--jobs', '0']), at = w.rss(khopd)
    const mib = w.idle(1000, khopd, () => w.rss(khopd)) / 1024
    w.stopKhopd(khopd)
    return { start_mib: at / 1024, mib }
  },
  'memory of a TLS connection': w => {
    const khopd = w.start(withTls(w))
    w.idle(100, khopd, () => 0)
    sleep(500)
    const before = w.rss(khopd), kib = (w.idle(1000, khopd, () => w.rss(khopd)) - before) / 900 // a hundred have left their room behind
    w.stopKhopd(khopd)
    return { kib }
  },
  // Under load, after the first third: KiB that the serving process gains in a minute.
  'memory under load': w => {
    const rate = 2000, points = []
    for (let i = 0; i < w.size.soak / 5; i++) {
      settle(w, { '--connections': 64, '--rate': rate, '--seconds': 6 }, { n: rate * 5 })
      points.push([i * 5 / 60, w.rss(w.khopds[0])])
    }
    const late = points.slice(Math.floor(points.length / 3)), mean = k => late.reduce((s, p) => s + p[k], 0) / late.length
    const slope = late.reduce((s, p) => s + (p[0] - mean(0)) * (p[1] - mean(1)), 0) / Math.max(late.reduce((s, p) => s + (p[0] - mean(0)) ** 2, 0), 1e-9)
    return { mib: points.at(-1)[1] / 1024, kib_a_minute: slope, minutes: w.size.soak / 60 }
  },
  'disk of a settlement': w => {
    const [n, tables, indexes] = w.sql(`select (select count(*) from khop.transfer), sum(pg_table_size(c.oid)), sum(pg_indexes_size(c.oid)) from pg_class c
      where c.relnamespace = 'khop'::regnamespace and c.relkind = 'r' and (c.relname in ('transfer', 'receipt', 'notice_key', 'exception', 'day_total', 'org_head',
        'bucket_head', 'receipt_signature', 'outbox', 'act', 'match') or c.relname like 'notice\\_2%')`).split('|').map(Number)
    return { bytes: (tables + indexes) / n, table_bytes: tables / n, index_bytes: indexes / n }
  },
}

// Ten million settlements through settle_batch, in two lanes. The room is looked at first: tables, indexes, codes, and WAL.
export function fill(w, n) {
  const free = statfsSync(w.home), room = free.bavail * free.bsize / 2 ** 30, needs = n * 1.3e-6 + 18
  if (room < needs) throw new Error(`--full needs ${Math.ceil(needs)} GiB at ${w.home}, ${Math.floor(room)} are free`)
  w.file('bench/load.sql', { orgs: w.size.orgs, buckets: w.buckets, first: w.first })
  writeFileSync(`${w.home}/load.sql`, `select bench.load(:client_id, ${1000 * w.buckets});\n`)
  const calls = Math.ceil(n / 1000 / w.buckets), began = Date.now()
  run('pgbench', ['-n', '-M', 'prepared', '-c', w.buckets, '-j', 1, '-t', calls, '-f', `${w.home}/load.sql`, w.db('postgres')], silently)
  w.first += calls * 1000 * w.buckets
  w.settled(3600) // a few minutes of the follower
  return { settlements: w.number('select count(*) from khop.transfer'), seconds: (Date.now() - began) / 1000 }
}

export function books(w) {
  w.sql('create database books', 'postgres')
  run(path.join(root, 'tests/sql/apply'), [w.db('postgres', 'books')])
  w.file('sql/bench/setup.psql', { charges: w.size.charges }, 'books')
  w.sql('vacuum analyze', 'books')
}
export const versions = w => ({ postgresql: w.sql('select version()', 'postgres').split(' on ')[0],
  settings: Object.fromEntries(['fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size', 'full_page_writes', 'huge_pages'].map(s => [s, w.sql(`show ${s}`, 'postgres')])),
  load: readFileSync('/proc/loadavg', 'utf8').split(' ')[0] })
