import type { Refusal } from '../policy/refusal.js';

/** Codes of the HTTP surface itself; all others are those of `policy/refusal.ts`. */
const ownStatus = {
  BAD_REQUEST: 400,
  CROSS_SITE: 403,
  HOST_REFUSED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  INPUT_INVALID: 422,
  INTERNAL: 500,
} as const;

/**
 * The one error format (RFC 9457): a stable code, the policy clause where one applies, the ledger sequence where one was written, and
 * a sentence that helps; never internals.
 */
interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly clause?: string;
  readonly sequence?: number;
  /** Of a search that a supervisor may still agree to. */
  readonly cosign?: unknown;
}

function problem({ status, code, detail, clause, sequence, cosign }: Problem): Response {
  const body = { type: `urn:platestream:problem:${code}`, status, code, detail, clause, sequence, cosign };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}

/** What went wrong before the policy was asked. */
export function httpProblem(code: keyof typeof ownStatus, detail: string): Response {
  return problem({ status: ownStatus[code], code, detail });
}

export function refusalProblem(refused: Refusal & { readonly cosign?: unknown }): Response {
  const { status, code, clause, sentence, sequence, cosign } = refused;
  return problem({ status, code, detail: sentence, clause, ...(sequence !== null && { sequence }), cosign });
}
