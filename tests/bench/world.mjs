// What is measured: a private PostgreSQL that keeps its promises (fsync on), khopd, and the load generator, on one machine.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..')
export const run = (cmd, argv, options = {}) => execFileSync(cmd, argv.map(String), { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'inherit'], ...options })
export const silently = { stdio: ['pipe', 'pipe', 'ignore'] }
export const sleep = ms => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
const alive = pid => { try { return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] !== 'Z' } catch { return false } }

// Seconds of processor time of a process, its children that live, and theirs that have ended.
function cpuOf(pid) {
  const kids = {}, used = {}
  for (const p of readdirSync('/proc').filter(x => /^\d+$/.test(x))) {
    try {
      const stat = readFileSync(`/proc/${p}/stat`, 'utf8'), rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      ;(kids[rest[1]] ??= []).push(p)
      used[p] = rest.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100
    } catch { /* gone */ }
  }
  const sum = p => (used[p] ?? 0) + (kids[p] ?? []).reduce((s, k) => s + sum(k), 0)
  return sum(String(pid))
}

// PostgreSQL's shared memory in pages of 2 MiB, as deploy/OPERATING.md advises: settlements and TPC-B alike then miss fewer page table entries.
// Only where we may set aside so many and memory is plenty; what was set before comes back at the end.
const huge = '/proc/sys/vm/nr_hugepages', MIB = 1024
function setHugePages(mib) {
  const memory = name => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0), before = readFileSync(huge, 'utf8').trim()
  if (memory('Hugepagesize') !== 2 * MIB || memory('MemAvailable') < 4 * mib * MIB) return { set: 0, restore() {} }
  try { writeFileSync(huge, String(Number(before) + Math.ceil(mib / 2))) } catch { return { set: 0, restore() {} } }
  return { set: memory('HugePages_Free'), restore: () => writeFileSync(huge, before) }
}

const letters = '0123456789abcdefghjkmnpqrstvwxyz'
export const id32 = n => Array.from({ length: 13 }, (_, i) => letters[Number(BigInt(n) >> BigInt(5 * (12 - i)) & 31n)]).join('')

export class World {
  constructor({ build, size, buckets, lanes }) {
    Object.assign(this, { size, buckets, lanes, port: 20000 + process.pid % 20000, khopds: [] })
    this.bin = name => path.join(build, 'bin', name)
    this.home = mkdtempSync('/tmp/khop-bench-')
    chmodSync(this.home, 0o711) // the database's user passes through
    this.hugePages = setHugePages(2300)
    this.settings = ['shared_buffers=2GB', 'max_wal_size=16GB', 'checkpoint_timeout=30min', 'max_connections=120']
    this.server = run(path.join(root, 'tests/pg'), ['start', `${this.home}/pg`, '--durable', '--with', process.pid, ...this.settings.flatMap(s => ['-c', s])]).trim()
    this.postmaster = Number(readFileSync(`${this.home}/pg/data/postmaster.pid`, 'utf8').split('\n')[0])
  }

  db(user, name = 'khop') { return this.server.replace(/user=\S+/, `user=${user}`).replace(/dbname=\S+/, `dbname=${name}`) }
  sql(text, name = 'khop') { return run('psql', ['-XAtqv', 'ON_ERROR_STOP=1', '-d', this.db('postgres', name)], { input: text }).trim() }
  number(text, name) { return Number(this.sql(text, name)) }
  file(sql, variables = {}, name = 'khop') {
    run('psql', ['-Xqv', 'ON_ERROR_STOP=1', ...Object.entries(variables).flatMap(([k, v]) => ['-v', `${k}=${v}`]), '-d', this.db('postgres', name), '-f', path.join(root, 'tests', sql)])
  }
  pgbench(name, argv) { return Number(/tps = ([\d.]+)/.exec(run('pgbench', ['-n', '-M', 'prepared', ...argv, this.db('postgres', name)], silently))[1]) }

  pgbenchInit(scale) { run('pgbench', ['-i', '-q', '-s', scale, this.db('postgres', 'bench')], silently); this.sql('vacuum analyze', 'bench') }

  // Organisations, connections, codes; the yardsticks' database.
  seed() {
    this.sql('create database khop', 'postgres')
    run(this.bin('khop'), ['migrate', '--database', this.db('postgres')], silently)
    run(this.bin('khop'), ['key', 'init', `${this.home}/keys`])
    this.sql(run(this.bin('khop_load'), ['seed', '--orgs', this.size.orgs, '--buckets', this.buckets, '--field-key', `${this.home}/keys/field.key`]))
    this.file('bench/seed.sql', { orgs: this.size.orgs, codes: this.size.codes, buckets: this.buckets })
    this.sql('create extension pg_walinspect; vacuum; checkpoint') // millions of new rows: autovacuum would follow them through the first rows of the table
    this.org = this.sql("select org_id from khop.org where code = 'BENCH0'")
    this.token = JSON.parse(run(this.bin('khop'), ['token', 'create', '--database', this.db('postgres'), '--org', `org_${id32(this.org)}`,
      '--scopes', 'read,issue,accountant', '--name', 'bench', '--json'])).token
  }

  // A khopd; the first one has the jobs process and is what `load` talks to.
  start(extra = []) {
    const log = openSync(`${this.home}/khopd.log`, 'a'), port = this.port + this.khopds.length
    const child = spawn(this.bin('khopd'), ['--database', this.db('khop_serve'), '--keys-dir', `${this.home}/keys`, '--listen', `127.0.0.1:${port}`,
      '--origin', `http://127.0.0.1:${port}`, '--per-address', '0', '--lanes', this.lanes, '--refusals-per-minute', '0', ...extra], { stdio: ['ignore', log, log] })
    const scheme = extra.includes('--tls-cert') ? 'https' : 'http', khopd = { pid: child.pid, port, scheme }
    this.khopds.push(khopd)
    for (let i = 0; i < 200; i++) {
      sleep(100)
      try { run('curl', ['-skf', `${scheme}://127.0.0.1:${port}/readyz`], silently); return khopd } catch { /* not yet */ }
    }
    throw new Error(`khopd is not ready: ${readFileSync(`${this.home}/khopd.log`, 'utf8').slice(-2000)}`)
  }
  stopKhopd(khopd) {
    try { process.kill(khopd.pid, 'SIGTERM') } catch { /* gone */ }
    for (let i = 0; i < 200 && alive(khopd.pid); i++) sleep(50)
  }
  rss(khopd) { // of its serving process, KiB
    for (const p of readdirSync('/proc').filter(x => /^\d+$/.test(x))) {
      try {
        const status = readFileSync(`/proc/${p}/status`, 'utf8')
        if (/^Name:\tserve$/m.test(status) && Number(/^PPid:\t(\d+)/m.exec(status)[1]) === khopd.pid) return Number(/^VmRSS:\s+(\d+)/m.exec(status)[1])
      } catch { /* gone */ }
    }
    throw new Error('there is no serving process')
  }

  // Puts load on and tells what it cost each side.
  load(what, options, khopd = this.khopds[0]) {
    const before = [cpuOf(khopd.pid), cpuOf(this.postmaster)]
    const r = JSON.parse(run(this.bin('khop_load'), [what, '--port', khopd.port, '--orgs', this.size.orgs, '--codes', this.size.codes, '--buckets', this.buckets,
      '--tls', khopd.scheme === 'https' ? 1 : 0, ...Object.entries(options).flat()]))
    if (r.bad || r.broken) throw new Error(`${what}: ${r.bad} refused (first ${r.first_bad_status}), ${r.broken} connections lost`)
    const us = (from, to) => (to - from) / r.ok * 1e6
    return { ...r, figures: { per_second: r.per_second, p50_ms: r.p50_ms, p99_ms: r.p99_ms, p999_ms: r.p999_ms, khopd_us: us(before[0], cpuOf(khopd.pid)),
      postgres_us: us(before[1], cpuOf(this.postmaster)), client_us: r.client_cpu / r.ok * 1e6 } }
  }
  // Connections that stay open while fn runs.
  idle(n, khopd, fn) {
    const out = openSync(`${this.home}/idle`, 'w')
    const child = spawn(this.bin('khop_load'), ['idle', '--port', khopd.port, '--connections', n, '--tls', khopd.scheme === 'https' ? 1 : 0].map(String), { stdio: ['ignore', out, 'inherit'] })
    try {
      for (let i = 0; !readFileSync(`${this.home}/idle`, 'utf8').includes('open'); i++) {
        if (i === 300) throw new Error(`${n} connections do not open`)
        sleep(100)
      }
      return fn()
    } finally {
      process.kill(child.pid, 'SIGKILL')
    }
  }

  unsigned() { return this.number('select waiting from khop.sign_state()') }
  // Until the follower has nothing left; seconds at most.
  settled(seconds = 120) {
    for (let i = 0; this.unsigned() > 0; i++) {
      if (i === seconds * 5) throw new Error('receipts are not signed')
      sleep(200)
    }
  }
  broken() { return this.sql('select name, detail from audit.invariants()') }

  end() {
    for (const k of this.khopds) this.stopKhopd(k)
    try { run(path.join(root, 'tests/pg'), ['stop', `${this.home}/pg`]) } catch { /* gone already */ }
    this.hugePages.restore()
    rmSync(this.home, { recursive: true, force: true })
  }
}
