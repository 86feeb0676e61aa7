declare const issuedByLedger: unique symbol;

/**
 * Proof that the intent of an access is durable in the ledger. Only `ledger/receipt.ts` makes one (a test looks for
 * casts elsewhere), so the compiler refuses an unaudited query [III.G, IV.C.6.a].
 */
export interface Receipt {
  readonly [issuedByLedger]: true;
  /** The intent's ledger sequence number. */
  readonly sequence: number;
  readonly actorId: string;
  readonly issuedAtMs: number;
}
