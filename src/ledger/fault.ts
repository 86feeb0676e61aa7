/** Why a record could not be made durable; what depends on it must not happen [III.G, IV.C.6.a]. */
export interface LedgerFault {
  readonly status: 503 | 507;
  readonly code: 'AUDIT_UNAVAILABLE' | 'AUDIT_DISK_FULL';
  readonly sentence: string;
}

export function unavailable(why: string): LedgerFault {
  return {
    status: 503,
    code: 'AUDIT_UNAVAILABLE',
    sentence: `the ledger can not record this (${why}), so it was not done; alerts keep running`,
  };
}

export function diskFull(folder: string): LedgerFault {
  return {
    status: 507,
    code: 'AUDIT_DISK_FULL',
    sentence: `the disk of the ledger is full, so nothing can be recorded or done; free space for ${folder}`,
  };
}

const fullCodes = ['ENOSPC', 'EDQUOT'];

export function isDiskFull(error: unknown): boolean {
  return fullCodes.includes((error as NodeJS.ErrnoException).code ?? '');
}

export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));
}
