import { Readable } from 'node:stream';
import {
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  ClickHouseError,
  createClient,
} from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';

/**
 * ClickHouse, embedded or a server, behind the same client and the same SQL. Traps closed here:
 * - the embedded connection keeps the settings of one call for all later ones: per-statement settings stand in the SQL text,
 *   and searches have a connection of their own that is made read-only once;
 * - a server can fail after `200 OK`: a result counts only when it is a whole JSON document whose row count is right, and a
 *   write only when its answer is empty.
 */
export interface Warehouse {
  command(sql: string, params?: Params): Promise<void>;
  /** `sql` ends with `FORMAT ...`; `body` are the rows in that format. */
  insert(sql: string, body: Buffer): Promise<void>;
  /** Rows as objects; for the store's own bookkeeping. */
  query<Row>(sql: string, params?: Params): Promise<Row[]>;
  /** Like `query`, on the read-only connection with the search limits. */
  search<Row>(sql: string, params: Params): Promise<Row[]>;
  /** A whole file in a binary format, on the read-only connection. */
  searchBytes(sql: string, params: Params): Promise<Buffer>;
  close(): Promise<void>;
}

export type Params = Readonly<Record<string, unknown>>;

export interface WarehouseOptions {
  readonly url: string;
  readonly embeddedFolder: string;
  readonly writer: { readonly user: string; readonly password: string };
  readonly searcher: { readonly user: string; readonly password: string };
  readonly searchSecondsMax: number;
  readonly searchMemoryBytesMax: number;
  readonly threadsMax: number;
  /** A request to a server that has not answered by then is retried (the batch's token makes that harmless). */
  readonly requestMsMax: number;
}

export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const { writer, searcher } = options.url === 'embedded' ? embedded(options) : await server(options);
  const limits = searchLimits(options);
  if (options.url === 'embedded') {
    // Held by the connection from now on, and `readonly` last: after it nothing can be set.
    await run(
      searcher,
      `SET ${Object.entries(limits)
        .map(([name, value]) => `${name} = ${value}`)
        .join(', ')}`,
    );
    await run(searcher, 'SET readonly = 1');
  }
  const perSearch = options.url === 'embedded' ? {} : { clickhouse_settings: { ...limits, ...whole, readonly: '1' } };
  return {
    command: (sql, params) => run(writer, sql, undefined, params),
    insert: (sql, body) => run(writer, sql, Readable.from([body])),
    query: (sql, params) =>
      rowsOf(writer, sql, params, options.url === 'embedded' ? {} : { clickhouse_settings: whole }),
    search: (sql, params) => rowsOf(searcher, sql, params, perSearch),
    async searchBytes(sql, params) {
      const { stream } = await searcher.exec({ query: sql, query_params: { ...params }, ...perSearch });
      return collect(stream);
    },
    async close() {
      await searcher.close();
      await writer.close();
    },
  };
}

/** The server buffers an answer and sends an error as an error, as far as it can. */
const whole = { wait_end_of_query: 1 as const, log_queries: 0 as const };

function searchLimits(options: WarehouseOptions) {
  return {
    max_execution_time: options.searchSecondsMax,
    max_memory_usage: String(options.searchMemoryBytesMax),
    max_threads: options.threadsMax,
    // Plates must not lie in a log of queries beyond the retention of the reads.
    log_queries: 0 as const,
    // The index by plate is worth its use from the first row; the default asks for parts of a million.
    min_table_rows_to_use_projection_index: '0',
    max_projection_rows_to_use_projection_index: '1000000000',
  };
}

type ClientConnection = NonNullable<Extract<ClickHouseClientConfigOptions, { connection?: unknown }>['connection']>;

function embedded(options: WarehouseOptions) {
  // The client's type for this door names its own copy of the stream types; the object is the one it documents.
  const open = () =>
    createClient({ connection: createChdbConnection({ path: options.embeddedFolder }) as unknown as ClientConnection });
  return { writer: open(), searcher: open() };
}

async function server(options: WarehouseOptions) {
  const open = (account: { user: string; password: string }) =>
    createClient({
      url: options.url,
      username: account.user,
      password: account.password,
      request_timeout: options.requestMsMax,
      max_open_connections: 8,
      keep_alive: { enabled: true, idle_socket_ttl: 1_000 },
      // Errors are values of this room: nothing of a query reaches a log.
      log: { level: 127 },
    });
  return { writer: open(options.writer), searcher: open(options.searcher) };
}

async function run(client: ClickHouseClient, sql: string, values?: Readable, params: Params = {}): Promise<void> {
  const { stream } = await client.exec({ query: sql, query_params: { ...params }, ...(values && { values }) });
  const answer = (await collect(stream)).toString();
  if (answer.trim() !== '') throw failedAfterOk(answer);
}

async function rowsOf<Row>(
  client: ClickHouseClient,
  sql: string,
  params: Params = {},
  extra: { clickhouse_settings?: Record<string, string | number> } = {},
): Promise<Row[]> {
  const answer = await client.query({ query: sql, query_params: { ...params }, format: 'JSON', ...extra });
  const text = await answer.text();
  let parsed: { data: Row[]; rows: number };
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch {
    throw failedAfterOk(text);
  }
  if (!Array.isArray(parsed.data) || parsed.data.length !== parsed.rows) throw failedAfterOk('');
  return parsed.data;
}

async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** The error stands at the end of a body that began as a success. */
function failedAfterOk(body: string): Error {
  const found = /Code: (\d+)\. DB::Exception: (.*)$/s.exec(body);
  if (!found) return new Error('the store sent an answer that is cut off');
  return new ClickHouseError({ message: (found[2] ?? '').slice(0, 500), code: found[1] ?? '0' });
}

/** What to do about a failed write. */
export type WriteFailure = 'retry' | 'poison';

/** Codes that say the rows themselves can never be stored; anything else may pass by itself (full disk, memory, network). */
const rowsAreWrong = new Set(['6', '26', '27', '38', '41', '53', '69', '70', '72', '117', '130', '131', '321', '469']);

export function writeFailure(error: unknown): WriteFailure {
  return error instanceof ClickHouseError && rowsAreWrong.has(error.code) ? 'poison' : 'retry';
}

/** An error's message without any value of a row in it: messages of the engine can quote plates. */
export function describeFailure(error: unknown): string {
  if (error instanceof ClickHouseError) return `ClickHouse error ${error.code}${error.type ? ` (${error.type})` : ''}`;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code !== undefined) return String(code);
  return error instanceof Error && error.message.startsWith('the store') ? error.message : 'the store did not answer';
}
