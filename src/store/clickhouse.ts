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
  insert(rows: Insert): Promise<void>;
  /** Rows as objects; for the store's own bookkeeping. */
  query<Row>(sql: string, params?: Params): Promise<Row[]>;
  /** Like `query`, on the read-only connection with the search limits. */
  search<Row>(sql: string, params: Params): Promise<Row[]>;
  /** A whole file in a binary format, on the read-only connection. */
  searchBytes(sql: string, params: Params): Promise<Buffer>;
  close(): Promise<void>;
}

/** Rows as the bytes they are; a second insert with the same token changes nothing. */
interface Insert {
  readonly table: string;
  readonly columns: readonly string[];
  readonly format: 'JSONCompactEachRow';
  readonly token: string;
  readonly body: Buffer;
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
  const { writer, searcher, insert } = options.url === 'embedded' ? embedded(options) : server(options);
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
    insert,
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
  const connect = () => createChdbConnection({ path: options.embeddedFolder });
  // The client's type for this door names its own copy of the stream types; the object is the one it documents.
  const open = (connection: ReturnType<typeof connect>) =>
    createClient({ connection: connection as unknown as ClientConnection });
  const writing = connect();
  return {
    writer: open(writing),
    searcher: open(connect()),
    /** The bytes go to the engine as they are: through the client they would become a text three times. */
    async insert({ table, columns, format, token, body }: Insert): Promise<void> {
      const settings = { ...insertSettings, insert_deduplication_token: token };
      await writing.chdb.rawInsert({ table, columns: [...columns], format, values: body, settings }).catch(refused);
    },
  };
}

/** The embedded engine's own error, as the client would tell it. */
function refused(error: Error & { readonly clickhouseCode?: number }): never {
  if (error.clickhouseCode === undefined) throw error;
  throw new ClickHouseError({ message: error.message, code: String(error.clickhouseCode) });
}

const insertSettings = { insert_deduplicate: 1, async_insert: 0, log_queries: 0 };

function server(options: WarehouseOptions) {
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
  const writer = open(options.writer);
  return {
    writer,
    searcher: open(options.searcher),
    insert({ table, columns, format, token, body }: Insert): Promise<void> {
      const settings = Object.entries(insertSettings).map(([name, value]) => `${name} = ${value}`);
      const sql = `INSERT INTO ${table} (${columns.join(', ')}) SETTINGS ${settings.join(', ')}, insert_deduplication_token = '${token}' FORMAT ${format}`;
      return run(writer, sql, Readable.from([body]));
    },
  };
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

/** Errors that say the rows themselves can never be stored, by code. */
const rowErrors: Readonly<Record<string, string>> = {
  6: 'CANNOT_PARSE_TEXT',
  25: 'CANNOT_PARSE_ESCAPE_SEQUENCE',
  26: 'CANNOT_PARSE_QUOTED_STRING',
  27: 'CANNOT_PARSE_INPUT_ASSERTION_FAILED',
  38: 'CANNOT_PARSE_DATE',
  41: 'CANNOT_PARSE_DATETIME',
  53: 'TYPE_MISMATCH',
  69: 'ARGUMENT_OUT_OF_BOUND',
  70: 'CANNOT_CONVERT_TYPE',
  72: 'CANNOT_PARSE_NUMBER',
  117: 'INCORRECT_DATA',
  130: 'CANNOT_READ_ARRAY_FROM_TEXT',
  131: 'TOO_LARGE_ARRAY_SIZE',
  321: 'VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE',
  457: 'BAD_QUERY_PARAMETER',
  469: 'VIOLATED_CONSTRAINT',
  691: 'UNKNOWN_ELEMENT_OF_ENUM',
};

/** @returns why rows can never be stored; null: the error may pass by itself (full disk, memory, network), the write is tried again. */
export function badRowReason(error: unknown): string | null {
  // Of a server and of the embedded engine: two classes, one code.
  return rowErrors[String((error as { code?: unknown } | null)?.code)] ?? null;
}

/** An error's message without any value of a row in it: messages of the engine can quote plates. */
export function describeFailure(error: unknown): string {
  if (error instanceof ClickHouseError) return `ClickHouse error ${error.code}${error.type ? ` (${error.type})` : ''}`;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code !== undefined) return String(code);
  return error instanceof Error && error.message.startsWith('the store') ? error.message : 'the store did not answer';
}
