import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Session } from 'chdb';

/** What a server can do to a client. Each fault hits one request, then the front is well again. */
export type Fault = 'slow' | 'drop_before' | 'drop_after' | 'error_after_200' | 'cut_short' | 'busy' | 'full';

/**
 * ClickHouse's HTTP interface over the embedded engine, on a real socket: enough for `@clickhouse/client`, and able to fail the ways
 * a server does.
 */
export async function startClickhouseFront(folder: string) {
  const writer = new Session(folder);
  const reader = new Session(folder);
  await reader.queryAsync('SET readonly = 1');
  const faults: { fault: Fault; when: (sql: string) => boolean }[] = [];
  let down = false;
  let lasting: Fault | null = null;
  let well = Promise.resolve();
  let recover: () => void = () => {};

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://front');
    if (url.pathname === '/ping') return void response.end('Ok.\n');
    const body = await bodyOf(request);
    await well;
    if (response.destroyed) return;
    const inUrl = url.searchParams.get('query');
    const sql = inUrl === null ? body : `${inUrl}\n${body}`;
    const at = faults.findIndex(({ when }) => when(sql));
    const fault = at < 0 ? lasting : (faults.splice(at, 1)[0]?.fault ?? null);
    if (down || fault === 'drop_before') return void request.socket.destroy();
    if (fault === 'slow') {
      // Longer than the client waits, and the work is done all the same.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    if (fault === 'busy')
      return refuse(
        response,
        'Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)',
      );
    if (fault === 'full')
      return refuse(
        response,
        'Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)',
      );
    const params: Record<string, string> = {};
    for (const [name, value] of url.searchParams) if (name.startsWith('param_')) params[name.slice(6)] = value;
    const session = url.searchParams.get('readonly') === '1' ? reader : writer;
    try {
      const run = Object.keys(params).length > 0 ? session.queryBindAsync(sql, params) : session.queryAsync(sql);
      const bytes = Buffer.from((await run).bytes());
      if (fault === 'drop_after') return void request.socket.destroy();
      response.writeHead(200, { 'content-type': 'application/json' });
      if (fault === 'error_after_200')
        return void response.end(
          `${bytes.subarray(0, 40)}\nCode: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)`,
        );
      if (fault === 'cut_short') return void response.end(bytes.subarray(0, Math.floor(bytes.length / 2)));
      response.end(bytes);
    } catch (error) {
      refuse(response, (error as Error).message);
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The next request whose SQL matches suffers this. */
    inject: (fault: Fault, when: (sql: string) => boolean) => void faults.push({ fault, when }),
    /** Every request suffers this, until `null`. */
    setLasting(fault: Fault | null) {
      lasting = fault;
    },
    setDown: (value: boolean) => {
      down = value;
    },
    /** Requests are taken and not answered; those whose client still waits are answered once this is over. */
    setStalled(value: boolean) {
      recover();
      well = value ? new Promise((resolve) => (recover = resolve)) : Promise.resolve();
    },
    async close() {
      recover();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      reader.close();
      writer.close();
    },
  };
}

function refuse(response: ServerResponse, message: string): void {
  response.writeHead(500, { 'x-clickhouse-exception-code': /Code: (\d+)/.exec(message)?.[1] ?? '1' });
  response.end(message);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
