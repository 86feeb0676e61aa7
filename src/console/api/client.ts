import { signal } from '@preact/signals';

/** A refusal as the API words it (RFC 9457): a stable code, the clause of the policy, the ledger's number, a sentence that helps. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly clause?: string;
  readonly sequence?: number;
}

export type Answer<Value> =
  | { readonly ok: true; readonly value: Value; readonly sequence: number | null }
  | { readonly ok: false; readonly problem: Problem };

/** Set when the API says that the session is over; the sign-in screen shows why. */
export const sessionEnded = signal<Problem | null>(null);

const unreachable: Problem = {
  status: 0,
  code: 'UNREACHABLE',
  detail: 'The server does not answer. The page tries again by itself; nothing was changed.',
};

export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => null)) as Partial<Problem> | null;
  const base = { status: response.status, code: 'INTERNAL', detail: 'The server could not answer; see its log.' };
  return body && typeof body.code === 'string' ? { ...base, ...body } : base;
}

async function ask(path: string, init: RequestInit): Promise<Response | null> {
  try {
    return await fetch(path, { credentials: 'same-origin', cache: 'no-store', redirect: 'error', ...init });
  } catch {
    return null;
  }
}

async function answer<Value>(response: Response | null): Promise<Answer<Value>> {
  if (response === null) return { ok: false, problem: unreachable };
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.code === 'SESSION_EXPIRED') sessionEnded.value = problem;
    return { ok: false, problem };
  }
  const sequence = response.headers.get('x-platestream-sequence');
  const value = (response.status === 204 ? null : await response.json()) as Value;
  return { ok: true, value, sequence: sequence === null ? null : Number(sequence) };
}

export async function get<Value>(path: string): Promise<Answer<Value>> {
  return answer<Value>(await ask(path, { headers: { accept: 'application/json' } }));
}

export async function send<Value>(path: string, body: unknown, method = 'POST'): Promise<Answer<Value>> {
  // The third header is what a page elsewhere can not send; the API asks for it on every change.
  const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-platestream': '1' };
  return answer<Value>(await ask(path, { method, headers, body: JSON.stringify(body) }));
}

/** What a command came to: its ledger record, what it made, and clauses that only warn. */
export interface Done {
  readonly sequence: number;
  readonly id: string | null;
  readonly warnings: readonly { readonly code: string; readonly clause: string }[];
  /** Shown once: with it the new user sets password and second factor. */
  readonly enrolment?: { readonly userId: string; readonly token: string; readonly untilMs: number };
}

export function command(action: string, input: unknown): Promise<Answer<Done>> {
  return send<Done>(`/api/actions/${action}`, input);
}
