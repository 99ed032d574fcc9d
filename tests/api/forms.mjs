// A browser that knows no script and shows nothing: cookies, and the forms of pages sent as they stand, filled in.
export class Forms {
  constructor(s, from) { this.s = s; this.jar = new Map(); this.from = from; }

  headers(more) {
    const cookie = [...this.jar].map(([k, v]) => `${k}=${v}`).join('; ');
    return { Accept: 'text/html', ...(cookie ? { Cookie: cookie } : {}), ...(this.from ? { 'X-Forwarded-For': this.from, 'X-Forwarded-Proto': 'https' } : {}), ...more };
  }

  keep(answer) {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/Max-Age=0/.test(line)) this.jar.delete(name); else this.jar.set(name, value);
    }
    return answer;
  }

  async get(path, headers = {}) { return this.keep(await this.s.get(path, { headers: this.headers(headers) })); }

  // The fields of a page that nobody sees: the tokens of its forms.
  hidden(page) { return Object.fromEntries([...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map((m) => [m[1], m[2]])); }

  // A form of a page that is on the screen, filled in and sent to `path`.
  async send(page, path, fields, headers = {}) {
    return this.keep(await this.s.post(path, new URLSearchParams({ ...this.hidden(page), ...fields }).toString(),
      { headers: this.headers({ 'Content-Type': 'application/x-www-form-urlencoded', ...headers }) }));
  }

  // The same of the page at `at`.
  async form(at, path, fields, headers = {}) { return this.send(await this.get(at), path, fields, headers); }

  login(login, password) { return this.form('/login', '/login', { login, password }); }

  get session() { return this.jar.get(this.from ? '__Host-sid' : 'sid'); }
}
