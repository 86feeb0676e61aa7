import { strict as assert } from 'node:assert';

type Send = (path: string, init: RequestInit) => Response | Promise<Response>;

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly response: Response;
}

/** Somebody's browser: keeps the session cookie, sends the header of our own pages. */
export class ApiClient {
  readonly #send: Send;
  cookie = '';

  constructor(send: Send) {
    this.#send = send;
  }

  static at(address: string): ApiClient {
    return new ApiClient((path, init) => fetch(`${address}${path}`, init));
  }

  raw(path: string, init: RequestInit = {}): Response | Promise<Response> {
    const headers = { host: 'localhost', ...(this.cookie && { cookie: this.cookie }), ...init.headers };
    return this.#send(path, { ...init, headers });
  }

  async #reply(response: Response): Promise<Reply> {
    const set = response.headers.get('set-cookie');
    if (set !== null) this.cookie = (set.split(';')[0] ?? '').replace(/=$/, '=');
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, body: isJson ? JSON.parse(text) : { text }, response };
  }

  async get(path: string): Promise<Reply> {
    return this.#reply(await this.raw(path));
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const own = { 'x-platestream': '1', 'content-type': 'application/json' };
    const init = { method, headers: { ...own, ...headers }, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return this.#reply(await this.raw(path, init));
  }

  post(path: string, body: unknown = {}): Promise<Reply> {
    return this.send('POST', path, body);
  }

  /** A file as the body, whatever it holds. */
  async upload(path: string, body: string): Promise<Reply> {
    const headers = { 'x-platestream': '1', 'content-type': 'application/octet-stream' };
    return this.#reply(await this.raw(path, { method: 'POST', headers, body }));
  }

  /** A command that must be done. */
  async did(action: string, input: unknown = {}): Promise<Record<string, unknown> & { id: string; sequence: number }> {
    const { status, body } = await this.post(`/api/actions/${action}`, input);
    assert.equal(status, 200, `${action}: ${JSON.stringify(body)}`);
    return body as Record<string, unknown> & { id: string; sequence: number };
  }

  async signIn(userId: string, password: string, code: string): Promise<Reply> {
    const factor = { kind: 'totp', code };
    return this.post('/api/session', { userId, password, factor, acknowledgedBanner: true });
  }
}

interface DemoLogin {
  readonly userId: string;
  readonly password: string;
  readonly code: string;
}

/** Signs in as somebody of a running demonstration, with the code its sign-in page shows. */
export async function demoClient(address: string, userId: string): Promise<ApiClient> {
  const client = ApiClient.at(address);
  const { body } = await client.get('/api/banner');
  const login = (body['demo'] as DemoLogin[]).find((one) => one.userId === userId);
  assert.ok(login, `the demonstration has no ${userId}`);
  const signedIn = await client.signIn(userId, login.password, login.code);
  assert.equal(signedIn.status, 201, JSON.stringify(signedIn.body));
  return client;
}

/** The events of a stream, as they come. */
export async function* eventsOf(
  response: Response,
): AsyncGenerator<{ event: string; id: string | null; data: Record<string, unknown> }> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
      const data = field('data');
      if (data !== null) yield { event: field('event') ?? 'message', id: field('id'), data: JSON.parse(data) };
    }
  }
}
