// Codes from one file, beside COPY of the same rows into the same tables with their indexes, in the same minute.
import { writeFileSync } from 'node:fs'

const TABLES = ['charge', 'charge_due', 'party']

// b: {run, sql, db (conninfo), home, url, token, account, lines}. {per_second, ms, copy_ms, ratio}
export function bulk(b) {
  const file = `${b.home}/codes.csv`
  const rows = Array.from({ length: b.lines }, (_, i) => `${b.account},fee,180000,Tiền ăn T11 lớp ${i % 9},HS-${i},Lò Thị Mây ${i},2026-11-30\n`)
  writeFileSync(file, `account,kind,amount,label,payer_ref,payer_name,due_on\n${rows.join('')}`)
  b.sql('checkpoint')
  const began = Date.now()
  const job = JSON.parse(b.run('curl', ['-sf', '-X', 'POST', '-H', `Authorization: Bearer ${b.token}`, '-H', `Idempotency-Key: ${began}`,
    '-H', 'Content-Type: text/csv', '-H', 'Expect:', '--data-binary', `@${file}`, `${b.url}/api/v1/codes/batch`])).id
  const upload = Date.now() - began
  for (let now = {}; now.state !== 'done';) {
    now = JSON.parse(b.run('curl', ['-sf', '-H', `Authorization: Bearer ${b.token}`, `${b.url}/api/v1/jobs/${job}`]))
    if (now.state === 'failed' || Date.now() - began > 120_000) throw new Error(`batch of codes: ${JSON.stringify(now).slice(0, 500)}`)
  }
  // The newest job is ours. From the last byte of the file to the commit of the last code, by the server's own times.
  const newest = 'select * from khop.job order by created_at desc limit 1'
  const ms = upload + Number(b.sql(`select extract(epoch from finished_at - created_at) * 1000 from (${newest}) j`))
  const mine = `c.charge_id > j.first_id and c.charge_id <= j.first_id + j.total and c.bucket = j.bucket`
  for (const t of TABLES) b.run('psql', ['-Xqd', b.db, '-c', `\\copy (select c.* from khop.${t} c, (${newest}) j where ${mine}) to '${b.home}/${t}.copy'`])
  for (const t of TABLES) { b.sql(`delete from khop.${t} c using (${newest}) j where ${mine}`); b.sql(`vacuum khop.${t}`) }
  b.sql('checkpoint')
  const copies = TABLES.map(t => `\\copy khop.${t} from '${b.home}/${t}.copy'\n`).join('')
  const timed = b.run('psql', ['-Xqd', b.db], { input: `\\timing on\nbegin;\n${copies}commit;\n` })
  const copy = [...timed.matchAll(/^Time: ([\d.]+)/gm)].reduce((sum, m) => sum + Number(m[1]), 0)
  return { per_second: b.lines / ms * 1000, ms, copy_ms: copy, ratio: ms / copy }
}
