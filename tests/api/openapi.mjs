// Every answer of the server against the server's own contract (/openapi.json): an undocumented status, media type, header
// or shape fails the test that caused it.
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

// security.md §3: on every answer, errors included.
const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'cache-control': 'no-store',
};

const escape = (s) => s.replaceAll('~', '~0').replaceAll('/', '~1');

function patternOf(path) {
  const parts = path.split(/\{[^}]*\}/).map((s) => s.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('([^/]+?)')}$`);
}

export class Contract {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv2020.default({ strict: false, allErrors: true });
    addFormats.default(this.ajv);
    this.ajv.addSchema(document, 'contract');
    // Most literal first: /r/{token}.jws before /r/{token}.
    this.paths = Object.keys(document.paths)
      .map((path) => ({ path, pattern: patternOf(path), holes: (path.match(/\{/g) || []).length, size: path.length }))
      .sort((a, b) => a.holes - b.holes || b.size - a.size);
    this.compiled = new Map();
    this.seen = new Map(); // "get /path 200" → how often
  }

  validator(pointer) {
    if (!this.compiled.has(pointer)) this.compiled.set(pointer, this.ajv.compile({ $ref: `contract#${pointer}` }));
    return this.compiled.get(pointer);
  }

  fits(pointer, value, what) {
    const validate = this.validator(pointer);
    assert.ok(validate(value), `${what} is not what the contract says: ${this.ajv.errorsText(validate.errors)}\n${JSON.stringify(value, null, 1)}`);
  }

  problem(answer, what) {
    assert.equal(answer.type, 'application/problem+json', `${what}: a problem document was expected`);
    this.fits('/components/schemas/Problem', answer.json, what);
    assert.equal(answer.json.status, answer.status, `${what}: the document's status`);
  }

  // request: {method, path (without query), body (parsed, or undefined)}; answer: {status, headers, type, text, json}
  check(request, answer) {
    const what = `${request.method} ${request.path} → ${answer.status}`;
    const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
    const found = this.paths.find((p) => p.pattern.test(request.path));

    for (const [name, value] of Object.entries(ALWAYS)) {
      // Static files carry their hash in their names and may be kept.
      if (name !== 'cache-control' || !request.path.startsWith('/static/')) assert.equal(answer.headers[name], value, `${what}: ${name}`);
    }
    assert.equal(answer.headers.server, undefined, `${what}: says what it runs on`);
    if (request.method === 'HEAD') assert.equal(answer.text, '', `${what}: a body in answer to HEAD`);
    if (!found && /^\/(desk|login|logout|setup|invite|me)(\/|$)/.test(request.path)) {
      this.checkPage(request, answer, what);
      return;
    }
    if (!found) {
      assert.equal(answer.status, 404, `${what}: not in the contract`);
      if (answer.type?.includes('json') && request.method !== 'HEAD') this.problem(answer, what);
      return;
    }
    const operation = this.document.paths[found.path][method];

    if (!operation) {
      assert.ok([405, 501].includes(answer.status), `${what}: this method is not in the contract`);
      if (answer.status === 405) assert.ok(answer.headers.allow, `${what}: Allow is missing`);
      if (request.method !== 'HEAD') this.problem(answer, what);
      return;
    }
    const said = operation.responses[answer.status];

    assert.ok(said, `${what}: this status is not in the contract\n${answer.text}`);
    const key = `${method} ${found.path} ${answer.status}`;

    this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
    this.checkHeaders(said, answer, what);
    if (request.method !== 'HEAD') this.checkBody(`/paths/${escape(found.path)}/${method}/responses/${answer.status}`, said, answer, what);
    if (answer.status < 300 && operation.requestBody?.content?.['application/json']?.schema && request.body !== undefined) {
      this.fits(`/paths/${escape(found.path)}/${method}/requestBody/content/application~1json/schema`, request.body, `${what}: what was taken`);
    }
  }

  // A signed-in page: a document of the contract in its other face, or a page, or the way to one.
  checkPage(request, answer, what) {
    const face = this.paths.find((p) => p.pattern.test(request.path.replace(/^\/desk/, '/api/v1')));
    const said = face && this.document.paths[face.path][request.method === 'HEAD' ? 'get' : request.method.toLowerCase()]?.responses[answer.status];

    if (answer.status === 303) assert.match(answer.headers.location ?? '', /^\/(?!\/)/, `${what}: leads elsewhere`);
    else if (answer.type === 'application/problem+json') this.problem(answer, what);
    else if (answer.type === 'application/json' && said) this.checkBody(`/paths/${escape(face.path)}/${request.method.toLowerCase()}/responses/${answer.status}`, said, answer, what);
    else if (answer.type === 'text/html' && request.method !== 'HEAD') assert.match(answer.text, /^<!doctype html>/, what);
  }

  checkHeaders(said, answer, what) {
    for (const [name, header] of Object.entries(said.headers ?? {})) {
      if (header.required) assert.ok(answer.headers[name.toLowerCase()], `${what}: header ${name} is missing`);
    }
  }

  checkBody(pointer, said, answer, what) {
    if (!said.content) {
      assert.equal(answer.text, '', `${what}: a body that the contract does not know`);
      return;
    }
    const media = Object.keys(said.content).find((m) => m === answer.type || m === '*/*');

    assert.ok(media, `${what}: media type ${answer.type} is not in the contract (${Object.keys(said.content)})`);
    if (media.includes('json')) this.fits(`${pointer}/content/${escape(media)}/schema`, answer.json, what);
    if (media === 'application/problem+json') assert.equal(answer.json.status, answer.status, `${what}: the document's status`);
  }
}
