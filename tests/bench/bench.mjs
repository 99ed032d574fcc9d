// The benchmark: one database, one khopd, one load generator, and pgbench as the yardstick, all in one run on one machine.
// A round counts only if every 2xx is in the books and audit.invariants() is empty.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, openSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { bulk } from './bulk.mjs'

const args = process.argv.slice(2)
const flag = name => args.includes(name)
const value = (name, other) => (args.includes(name) ? args[args.indexOf(name) + 1] : other)
const quick = flag('--small'), full = flag('--full')
const rounds = Number(value('--rounds', quick ? 1 : 3))
const only = value('--only', '').split(',').filter(Boolean)
const build = path.resolve(value('--build', 'build/bench'))
const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..')
const bin = name => path.join(build, 'bin', name)
const size = quick ? { orgs: 300, codes: 200_000, seconds: 5, scale: 10, settle: 40_000 }
  : { orgs: 300, codes: 2_000_000, seconds: 15, scale: 100, settle: 250_000 }
const port = 20000 + process.pid % 20000
const home = mkdtempSync('/tmp/khop-bench-')
chmodSync(home, 0o711) // the database's user passes through
const buckets = Number(value('--buckets', 2)), lanes = value('--lanes', '2')

const run = (cmd, argv, options = {}) => execFileSync(cmd, argv, { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'inherit'], ...options })
const sleep = ms => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

// ---- the database ----
const settings = ['-c', 'shared_buffers=2GB', '-c', 'max_wal_size=16GB', '-c', 'checkpoint_timeout=30min', '-c', 'max_connections=120']
const server = run(path.join(root, 'tests/pg'), ['start', `${home}/pg`, '--durable', '--with', String(process.pid), ...settings]).trim()
const conninfo = (user, db) => server.replace(/user=\S+/, `user=${user}`).replace(/dbname=\S+/, `dbname=${db}`)
const sql = (text, db = 'khop') => run('psql', ['-XAtqv', 'ON_ERROR_STOP=1', '-d', conninfo('postgres', db)], { input: text }).trim()
const number = text => Number(sql(text))

// ---- CPU of processes by their root pid ----
const tree = pid => {
  const kids = {}
  for (const p of readdirSync('/proc').filter(x => /^\d+$/.test(x))) {
    try {
      const stat = readFileSync(`/proc/${p}/stat`, 'utf8'), rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      ;(kids[rest[1]] ??= []).push([p, (Number(rest[11]) + Number(rest[12])) / 100])
    } catch { /* gone */ }
  }
  let total = 0
  const walk = p => { for (const [k, cpu] of kids[p] ?? []) { total += cpu; walk(k) } }
  walk(String(pid))
  return total
}
const postmaster = () => Number(readFileSync(`${home}/pg/data/postmaster.pid`, 'utf8').split('\n')[0])

// ---- khopd ----
let khopd
const start = (extra = []) => {
  const log = openSync(`${home}/khopd.log`, 'a')
  khopd = spawn(bin('khopd'), ['--database', conninfo('khop_serve', 'khop'), '--keys-dir', `${home}/keys`, '--listen', `127.0.0.1:${port}`,
    '--origin', `http://127.0.0.1:${port}`, '--per-address', '0', '--lanes', lanes, ...extra], { stdio: ['ignore', log, log] })
  for (let i = 0; i < 100; i++) {
    sleep(100)
    try { run('curl', ['-sf', `http://127.0.0.1:${port}/readyz`], { stdio: ['pipe', 'pipe', 'ignore'] }); return } catch { /* not yet */ }
  }
  throw new Error(`khopd is not ready; see ${home}/khopd.log`)
}
const stop = () => { if (khopd) { khopd.kill('SIGTERM'); for (let i = 0; i < 100 && alive(khopd.pid); i++) sleep(50) } }
const alive = pid => { try { return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] !== 'Z' } catch { return false } }

const load = (what, options) => JSON.parse(run(bin('khop_load'), [what, '--port', port, '--orgs', size.orgs, '--codes', size.codes,
  '--buckets', buckets, ...Object.entries(options).flat()].map(String)))

// ---- figures ----
const rows = {}
const note = (name, figures) => {
  (rows[name] ??= []).push(figures)
  console.error(`  ${name.padEnd(34)} ${Object.entries(figures).map(([k, v]) => `${k}=${typeof v === 'number' ? Math.round(v * 1000) / 1000 : v}`).join('  ')}`)
}
const wanted = name => only.length === 0 || only.some(x => name.startsWith(x))
const watched = fn => {
  const before = [tree(khopd.pid), tree(postmaster())]
  const r = fn()
  return { ...r, khopd_cpu: tree(khopd.pid) - before[0], postgres_cpu: tree(postmaster()) - before[1] }
}
const check = (name, before, ok) => {
  const settled = number('select count(*) from khop.transfer') - before, broken = sql('select name, detail from audit.invariants()')
  if (settled < ok) throw new Error(`${name}: ${ok} answers of 2xx, ${settled} in the books`)
  if (broken) throw new Error(`${name}: the books do not hold: ${broken}`)
}
let first = 0
const settle = (name, options, { repeats = 1, n = size.settle } = {}) => {
  if (!wanted(name)) return
  const before = number('select count(*) from khop.transfer'), wal = number("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
  const r = watched(() => load('settle', { '--first': first, '--n': n, '--repeats': repeats, '--seconds': size.seconds, ...options }))
  const used = number('select count(*) from khop.transfer') - before
  first += options['--one-org'] ? n * 5 + 5 : Math.ceil(n / repeats)
  const walBytes = (number("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')") - wal) / Math.max(used, 1)
  if (r.bad || r.broken) throw new Error(`${name}: ${r.bad} refused (first ${r.first_bad_status}), ${r.broken} connections lost`)
  check(name, before, repeats === 1 ? r.ok : Math.floor(r.ok / repeats) - 1)
  note(name, { per_second: r.per_second, p50_ms: r.p50_ms, p99_ms: r.p99_ms, p999_ms: r.p999_ms, wal_bytes: walBytes,
    khopd_us: r.khopd_cpu / r.ok * 1e6, postgres_us: r.postgres_cpu / r.ok * 1e6, client_us: r.client_cpu / r.ok * 1e6 })
}

try {
  console.error(`PostgreSQL: ${sql('select version()', 'postgres').split(' on ')[0]}; ` +
    ['fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size'].map(s => `${s}=${sql(`show ${s}`, 'postgres')}`).join(' '))
  console.error(`machine: ${os.cpus().length} × ${os.cpus()[0].model}, ${Math.round(os.totalmem() / 2 ** 30)} GiB; buckets=${buckets} lanes=${lanes}`)
  sql('create database khop', 'postgres'); sql('create database bench', 'postgres')
  run(bin('khop'), ['migrate', '--database', conninfo('postgres', 'khop')], { stdio: ['pipe', 'pipe', 'ignore'] })
  run(bin('khop'), ['key', 'init', `${home}/keys`])
  sql(run(bin('khop_load'), ['seed', '--orgs', size.orgs, '--buckets', buckets, '--field-key', `${home}/keys/field.key`].map(String)))
  run('psql', ['-Xqv', 'ON_ERROR_STOP=1', '-v', `orgs=${size.orgs}`, '-v', `codes=${size.codes}`, '-v', `buckets=${buckets}`,
    '-d', conninfo('postgres', 'khop'), '-f', path.join(root, 'tests/bench/seed.sql')])
  run('pgbench', ['-i', '-q', '-s', String(size.scale), conninfo('postgres', 'bench')], { stdio: ['pipe', 'pipe', 'ignore'] })
  sql('vacuum analyze', 'bench')
  const tokenOrg = sql('select org_id from khop.org where code = \'BENCH0\'')
  const id32 = n => { const a = '0123456789abcdefghjkmnpqrstvwxyz'; let v = BigInt(n), s = ''; for (let i = 0; i < 13; i++) { s = a[Number(v & 31n)] + s; v >>= 5n } return s }
  const token = JSON.parse(run(bin('khop'), ['token', 'create', '--database', conninfo('postgres', 'khop'), '--org', `org_${id32(tokenOrg)}`,
    '--scopes', 'read,issue', '--name', 'bench', '--json'])).token
  start()
  settle('warm-up', { '--connections': 64 }, { n: 5000 })
  delete rows['warm-up']
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}`)
    if (wanted('tpcb')) {
      const out = run('pgbench', ['-n', '-M', 'prepared', '-c', '32', '-j', '2', '-T', String(size.seconds), conninfo('postgres', 'bench')], { stdio: ['pipe', 'pipe', 'ignore'] })
      note('tpcb 32 clients', { per_second: Number(/tps = ([\d.]+)/.exec(out)[1]) })
    }
    settle('settle 256 connections', { '--connections': 256 })
    settle('settle 64 connections', { '--connections': 64 })
    settle('settle one organisation', { '--connections': 256, '--one-org': 1 }, { n: Math.floor(size.settle / 8) })
    settle('settle half repeats', { '--connections': 256 }, { repeats: 2 })
    settle('settle 1,000/s', { '--connections': 64, '--rate': 1000 }, { n: 1000 * Math.min(5, size.seconds) })
    if (wanted('codes')) {
      const r = watched(() => load('codes', { '--connections': 64, '--n': quick ? 10_000 : 50_000, '--seconds': size.seconds, '--token': token }))
      note('codes issued, 64 connections', { per_second: r.per_second, p50_ms: r.p50_ms, p99_ms: r.p99_ms, khopd_us: r.khopd_cpu / r.ok * 1e6, postgres_us: r.postgres_cpu / r.ok * 1e6 })
    }
    if (wanted('bulk')) {
      const account = `acc_${id32(sql(`select min(account_id) from khop.account where org_id = ${tokenOrg}`))}`
      note('bulk: codes from one file', bulk({ run, sql, db: conninfo('postgres', 'khop'), home, url: `http://127.0.0.1:${port}`, token, account, lines: quick ? 20_000 : 100_000 }))
    }
    if (wanted('print')) note('pages of 8 slips, PDF', JSON.parse(run(bin('khop_print_load'), [])))
    if (wanted('pay')) {
      const b64 = hex => Buffer.from(hex, 'hex').toString('base64url')
      const tokens = sql("select lpad(to_hex(bucket), 4, '0') || encode(token, 'hex') from khop.charge where charge_id & 1 = 0 limit 5000").split('\n').map(b64)
      for (const [name, suffix] of [['pay page', ''], ['pay QR as SVG', '/qr.svg'], ['pay QR as PNG', '/qr.png']]) {
        writeFileSync(`${home}/paths`, tokens.map(t => `/p/${t}${suffix}\n`).join(''))
        const r = watched(() => load('get', { '--connections': 64, '--n': quick ? 10_000 : 40_000, '--seconds': size.seconds, '--paths': `${home}/paths` }))
        note(`${name}, 64 connections`, { per_second: r.per_second, p50_ms: r.p50_ms, p99_ms: r.p99_ms, khopd_us: r.khopd_cpu / r.ok * 1e6, postgres_us: r.postgres_cpu / r.ok * 1e6 })
      }
    }
  }
  const median = list => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)]
  const summary = {}
  for (const [name, list] of Object.entries(rows)) {
    summary[name] = {}
    for (const key of Object.keys(list[0])) {
      const all = list.map(x => x[key])
      summary[name][key] = { median: median(all), min: Math.min(...all), max: Math.max(...all) }
    }
  }
  const tpcb = summary['tpcb 32 clients']?.per_second.median
  console.log(`\n${'work'.padEnd(34)} ${'per second (min … max)'.padEnd(30)} ${'× TPC-B'.padStart(8)} ${'p50 ms'.padStart(8)} ${'p99 ms'.padStart(8)} ${'khopd µs'.padStart(9)} ${'PostgreSQL µs'.padStart(14)} ${'WAL B'.padStart(7)}`)
  const f = (x, digits = 1) => (x ? x.median.toFixed(digits) : '')
  for (const [name, s] of Object.entries(summary)) {
    const p = s.per_second
    console.log(`${name.padEnd(34)} ${`${Math.round(p.median)} (${Math.round(p.min)} … ${Math.round(p.max)})`.padEnd(30)} ${(tpcb ? (p.median / tpcb).toFixed(2) : '').padStart(8)} ${f(s.p50_ms, 2).padStart(8)} ${f(s.p99_ms, 2).padStart(8)} ${f(s.khopd_us).padStart(9)} ${f(s.postgres_us).padStart(14)} ${f(s.wal_bytes, 0).padStart(7)}`)
  }
  const file = summary['bulk: codes from one file']?.ratio
  if (file) console.log(`codes from one file: ${file.median.toFixed(2)} × COPY of the same rows (${file.min.toFixed(2)} … ${file.max.toFixed(2)})`)
  const slip = summary['pages of 8 slips, PDF']
  if (slip) console.log(`slips: ${f(slip.bytes_per_slip, 0)} bytes each in the file; ${f(slip.symbol_share, 2)} of the time goes into their symbols`)
  const events = number('select count(*) from khop.transfer')
  writeFileSync('bench.json', JSON.stringify({ at: new Date().toISOString(), cpus: os.cpus().length, quick, rounds, buckets, lanes, size, events, summary }, null, 1) + '\n')
  console.log(`\n${events} settlements in the books, audit.invariants() empty after every round; bench.json written`)
} finally {
  stop()
  try { run(path.join(root, 'tests/pg'), ['stop', `${home}/pg`]) } catch { /* gone already */ }
  rmSync(home, { recursive: true, force: true })
}
