import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/**
 * The one error format (RFC 9457): a stable code, the policy clause where one applies, the ledger sequence where one was written, and
 * a sentence that helps; never internals.
 */
export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly detail: string;
  readonly clause?: string | undefined;
  readonly sequence?: number | undefined;
}

export function problem(c: Context, { status, code, detail, clause, sequence }: Problem): Response {
  const body = { type: `urn:platestream:problem:${code}`, status, code, detail, clause, sequence };
  return c.body(JSON.stringify(body), status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
}
