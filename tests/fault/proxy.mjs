// A cut cable between khopd and PostgreSQL: a Unix socket of its own in front of the server's. It reads the wire protocol just
// far enough to know when a settlement batch goes out and when its answer (which follows COMMIT) is there, and then does
// to this batch what `plan` says:
//   pass     nothing
//   before   the connection is lost before the server sees the batch
//   after    the server commits, its answer is thrown away and the connection lost
//   half     the server commits, half of its answer arrives, the connection is lost
//   race     the batch is handed to the server and the connection lost at once: nobody knows
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';

const BIND = Buffer.from('\0settle_batch\0'); // portal "", then the statement's name

export class Proxy {
  constructor(pgDir, plan) {
    Object.assign(this, { pgDir, plan, at: 0, cuts: {} });
    this.dir = mkdtempSync('/tmp/khopcut-');
  }

  async start() {
    this.server = net.createServer((client) => this.join(client));
    await new Promise((done) => this.server.listen(`${this.dir}/.s.PGSQL.5432`, done));
    return this;
  }

  join(client) {
    const server = net.connect(`${this.pgDir}/.s.PGSQL.5432`), link = { client, server, fate: null, answer: [] };
    const over = () => { client.destroy(); server.destroy(); };
    client.on('data', (bytes) => this.toServer(link, bytes));
    server.on('data', (bytes) => this.toClient(link, bytes));
    for (const socket of [client, server]) socket.on('error', over).on('close', over);
  }

  toServer(link, bytes) {
    if (link.fate === null && bytes.includes(BIND) && bytes[bytes.indexOf(BIND) - 5] === 0x42) {
      const fate = this.plan[this.at++ % this.plan.length];
      this.cuts[fate] = (this.cuts[fate] ?? 0) + 1;
      if (fate === 'before') return link.client.destroy();
      if (fate === 'race') return link.server.write(bytes, () => { link.client.destroy(); link.server.destroy(); });
      if (fate !== 'pass') link.fate = fate;
    }
    link.server.write(bytes);
  }

  // ReadyForQuery ('Z', length 5, state 'I') is what the server says last, when the transaction is over.
  toClient(link, bytes) {
    if (link.fate === null) return void link.client.write(bytes);
    link.answer.push(bytes);
    const all = Buffer.concat(link.answer);
    if (!all.subarray(-6).equals(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]))) return;
    if (link.fate === 'half') link.client.end(all.subarray(0, all.length >> 1));
    else link.client.destroy();
    link.server.destroy();
  }

  stop() {
    this.server.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
