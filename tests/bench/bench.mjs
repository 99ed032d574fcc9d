// The benchmark: everything in one run on one machine, each figure beside a yardstick of the same run. A round counts only if every
// 2xx is in the books (each row looks) and audit.invariants() is empty at its end.
import { writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { books, fill, others, reports, resources, settlements, versions, yardsticks } from './rows.mjs'
import { World } from './world.mjs'

const args = process.argv.slice(2)
const flag = name => args.includes(name)
const value = (name, other) => (args.includes(name) ? args[args.indexOf(name) + 1] : other)
const small = flag('--small'), full = flag('--full')
const rounds = Number(value('--rounds', small ? 1 : 3)), only = value('--only', '').split(',').filter(Boolean)
const size = small
  ? { orgs: 300, seconds: 5, alone: 3, signed: 3, scale: 10, settle: 30_000, pages: 10_000, issued: 5_000, lines: 20_000, slips: 800, soak: 15, charges: 300_000, filled: full ? 1_000_000 : 0 }
  : { orgs: 300, seconds: 15, alone: 8, signed: 10, scale: 100, settle: 200_000, pages: 40_000, issued: 50_000, lines: 100_000, slips: 8_000, soak: flag('--soak') ? 600 : 60,
    charges: Math.max(1_000_000, rounds * 500_000), filled: full ? 10_000_000 : 0 }
// A round takes new codes for: 256, 64, TLS and the lone organisation's (every fifth is its own), repeats, 1,000/s, 10,000/s.
const round = size.settle * 3 + size.settle / 8 * 5 + size.settle / 2 + 5_000 + size.signed * 10_000
size.codes = Math.max(small ? 0 : 1_000_000, Math.ceil(rounds * round + size.soak * 2_000 + size.filled + size.settle * rounds * (full ? 1 : 0) + 20_000))
const wanted = name => only.length === 0 || only.some(x => name.includes(x))

const w = new World({ build: path.resolve(value('--build', 'build/bench')), size, buckets: Number(value('--buckets', 2)), lanes: value('--lanes', '2') })
w.first = 0
const rows = {}
const measure = (name, fn) => {
  if (!wanted(name)) return
  const figures = fn(w)
  ;(rows[name] ??= []).push(figures)
  console.error(`  ${name.padEnd(36)} ${Object.entries(figures).map(([k, v]) => `${k}=${Math.round(v * 1000) / 1000}`).join('  ')}`)
}
const all = table => { for (const [name, fn] of Object.entries(table)) measure(name, fn) }
const hold = () => {
  for (const db of ['khop', ...(wanted('settle_batch alone') ? ['books'] : [])]) {
    const broken = w.sql('select name, detail from audit.invariants()', db)
    if (broken) throw new Error(`this round does not count, the books (${db}) do not hold: ${broken}`)
  }
}

const median = list => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)]
const summarise = () => Object.fromEntries(Object.entries(rows).map(([name, list]) => [name, Object.fromEntries(Object.keys(list[0]).map(key => {
  const values = list.map(x => x[key])
  return [key, { median: median(values), min: Math.min(...values), max: Math.max(...values) }]
}))]))
function print(s) {
  const tpcb = s['TPC-B, 32 clients']?.per_second.median, f = (x, digits = 1) => (x === undefined ? '' : x.median.toFixed(digits))
  console.log(`\n${'work'.padEnd(36)} ${'per second (min … max)'.padEnd(28)} ${'× TPC-B'.padStart(8)} ${'p50 ms'.padStart(8)} ${'p99 ms'.padStart(8)} ${'khopd µs'.padStart(9)} ${'PostgreSQL µs'.padStart(14)} ${'client µs'.padStart(10)} ${'WAL B'.padStart(6)}`)
  for (const [name, r] of Object.entries(s)) {
    const p = r.per_second
    if (p) {
      console.log(`${name.padEnd(36)} ${`${Math.round(p.median)} (${Math.round(p.min)} … ${Math.round(p.max)})`.padEnd(28)} ${(tpcb ? (p.median / tpcb).toFixed(2) : '').padStart(8)} ${f(r.p50_ms, 2).padStart(8)} ${f(r.p99_ms, 2).padStart(8)} ${f(r.khopd_us).padStart(9)} ${f(r.postgres_us).padStart(14)} ${f(r.client_us).padStart(10)} ${f(r.wal_bytes, 0).padStart(6)}`)
    } else {
      console.log(`${name.padEnd(36)} ${Object.entries(r).map(([k, v]) => `${k} ${v.median.toFixed(2)} (${v.min.toFixed(2)} … ${v.max.toFixed(2)})`).join('   ')}`)
    }
  }
  const first = s['settle, 256 connections']?.per_second.median
  const against = (name, of, base) => s[name]?.per_second && base && console.log(`  ${name}: ${(100 * s[name].per_second.median / base).toFixed(0)} % of ${of}`)
  against('settle, one organisation', 'the first row', first)
  against('settle, half repeats', 'the first row', first)
  against('settle, 256, TLS 1.3', 'plain', first)
  against('settle, 256, 10 million stored', 'the first row', first)
  against('pay page, 64 connections', 'pgbench -S', s['pgbench -S, 64 clients']?.per_second.median)
}

try {
  const about = versions(w)
  console.error(`${about.postgresql}; ${Object.entries(about.settings).map(([k, v]) => `${k}=${v}`).join(' ')}`)
  console.error(`machine: ${os.cpus().length} × ${os.cpus()[0].model}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, load ${about.load} before; ${size.codes} codes, buckets=${w.buckets} lanes=${w.lanes}, ${w.hugePages.set} huge pages`)
  w.sql('create database bench', 'postgres')
  w.seed()
  if (wanted('TPC-B') || wanted('pgbench')) w.pgbenchInit(size.scale)
  if (wanted('settle_batch alone')) books(w)
  w.start()
  w.load('settle', { '--first': 0, '--n': 5000, '--connections': 64 })
  w.first = 5000
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}`)
    for (const table of [yardsticks, settlements, others]) all(table)
    hold()
  }
  all(resources)
  if (full) {
    console.error('ten million settlements')
    Object.assign(size, { stored: fill(w, size.filled) })
    console.error(`  ${JSON.stringify(size.stored)}`)
    for (let round = 1; round <= rounds; round++) measure('settle, 256, 10 million stored', settlements['settle, 256 connections'])
    hold()
  }
  all(reports)
  const summary = summarise()
  print(summary)
  const events = w.number('select count(*) from khop.transfer')
  writeFileSync('bench.json', JSON.stringify({ at: new Date().toISOString(), ...about, cpus: os.cpus().length, cpu: os.cpus()[0].model, rounds, buckets: w.buckets, lanes: w.lanes, size, events, summary, rows }, null, 1) + '\n')
  console.log(`\n${events} settlements in the books, audit.invariants() empty after every round; bench.json written`)
} finally {
  w.end()
}
