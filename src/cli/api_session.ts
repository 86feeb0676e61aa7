import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '../data/result.js';

/** Somebody who has signed in to a running program from the command line; kept for the next commands in a file of their own. */
export interface ApiSession {
  readonly address: string;
  readonly cookie: string;
}

/** `PLATESTREAM_SESSION`, or the user's own state folder. */
function sessionFile(): string {
  const state = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  return process.env['PLATESTREAM_SESSION'] ?? join(state, 'platestream', 'session.json');
}

export function keepSession(session: ApiSession): void {
  const file = sessionFile();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(session), { mode: 0o600 });
  chmodSync(file, 0o600);
}

export function forgetSession(): void {
  rmSync(sessionFile(), { force: true });
}

export function keptSession(): Result<ApiSession, string> {
  try {
    return ok(JSON.parse(readFileSync(sessionFile(), 'utf8')) as ApiSession);
  } catch {
    return fail('nobody is signed in here; platestream session open LOGIN');
  }
}

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly clause?: string;
  readonly sequence?: number | null;
}

export interface Answered {
  readonly body: Record<string, unknown>;
  /** What the browser would keep. */
  readonly cookie: string | null;
}

/** One request. @returns the answer, or one line that says what was refused, by which clause, and where that is recorded */
export async function askApi(
  { address, cookie }: ApiSession,
  method: string,
  path: string,
  body?: unknown,
): Promise<Result<Answered, string>> {
  const headers = { 'x-platestream': '1', 'content-type': 'application/json', ...(cookie && { cookie }) };
  let response: Response;
  try {
    response = await fetch(new URL(path, address), {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    return fail(`${address}: does not answer (${cause?.code ?? 'no address'}); is the program running there?`);
  }
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  if (!response.ok) return fail(isJson ? problemLine(JSON.parse(text) as Problem) : `${path}: ${response.status}`);
  const set = response.headers.get('set-cookie')?.split(';')[0] ?? null;
  return ok({ body: isJson ? JSON.parse(text) : {}, cookie: set });
}

function problemLine({ code, clause, sequence, detail }: Problem): string {
  return `${code} (${clause ?? '-'}, ledger ${sequence ?? '-'}): ${detail}`;
}
