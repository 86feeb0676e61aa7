/** Every code a refusal can carry, and the HTTP status that goes with it; stable, scripts may rely on them. */
export const statusOf = {
  SESSION_EXPIRED: 401,
  AUTH_FAILED: 401,
  MFA_REQUIRED: 403,
  ROLE_REQUIRED: 403,
  NOT_DESIGNATED: 403,
  TRAINING_MISSING: 403,
  TRAINING_EXPIRED: 403,
  MOU_REQUIRED: 403,
  PURPOSE_PROHIBITED: 403,
  CAMERA_NOT_AUTHORIZED: 403,
  EXCEPTION_REQUIRED: 403,
  ADMIN_NOT_ABSENT: 403,
  VENDOR_NOT_COMPLIANT: 403,
  NOT_FOUND: 404,
  SELF_APPROVAL: 409,
  SESSION_IN_USE: 409,
  VERIFICATION_INCOMPLETE: 409,
  PLATE_MISMATCH: 409,
  STATE_MISMATCH: 409,
  INTEGRITY_FAILURE: 409,
  LEGAL_HOLD: 409,
  RETENTION_MINIMUM: 409,
  DUPLICATE_ID: 409,
  WRONG_STATE: 409,
  ENTRY_EXPIRED: 410,
  INPUT_INVALID: 422,
  REASON_INSUFFICIENT: 422,
  CASE_NUMBER_REQUIRED: 422,
  CATEGORY_PROHIBITED: 422,
  CATEGORY_UNKNOWN: 422,
  CJIS_VERIFICATION_REQUIRED: 422,
  EXPIRY_REQUIRED: 422,
  LEGAL_PROCESS_REQUIRED: 422,
  RETENTION_OUT_OF_RANGE: 422,
  DEPLOYMENT_INCOMPLETE: 422,
  OUTSIDE_JURISDICTION: 422,
  ACCOUNT_LOCKED: 423,
  CAMERA_OUT_OF_SERVICE: 423,
  SYSTEM_SUSPENDED: 423,
  AUDIT_OVERDUE: 423,
  PROFILE_REQUIRED: 428,
  RATE_LIMITED: 429,
  AUDIT_UNAVAILABLE: 503,
  STORE_UNAVAILABLE: 503,
  PROTOCOL_MISSING: 503,
  AUDIT_DISK_FULL: 507,
} as const;

export type Code = keyof typeof statusOf;

/** Why something was not done, in a form that a person and a program can both use. Never holds internals. */
export interface Refusal {
  readonly status: number;
  readonly code: Code;
  /** Clause of the policy that asks for it. */
  readonly clause: string;
  readonly sentence: string;
  /** Ledger sequence number of the refusal; `null` until it is recorded, and where the ledger itself is the reason. */
  readonly sequence: number | null;
}

export function refusal(code: Code, clause: string, sentence: string): Refusal {
  return { status: statusOf[code], code, clause, sentence, sequence: null };
}

/** @returns nothing when the condition holds, else the refusal. */
export function need(condition: unknown, code: Code, clause: string, sentence: string): Refusal | null {
  return condition ? null : refusal(code, clause, sentence);
}
