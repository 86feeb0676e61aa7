import { z } from 'zod';
import type { Policy } from './policy_file.js';
import { type Refusal, refusal } from './refusal.js';

/** Why somebody needs to see plates [IV.A.1]. */
export const reasonInput = z.strictObject({
  basis: z.string().max(64),
  facts: z.string().max(2000),
  caseNo: z.string().max(64).nullable().default(null),
  orderNo: z.string().max(64).nullable().default(null),
});
export type Reason = z.infer<typeof reasonInput>;

function words(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}'-]+/gu) ?? []
  );
}

/** What is left of a reason when the phrases that say nothing are taken out. */
function withoutStockPhrases(text: string, phrases: readonly string[]): string[] {
  let rest = ` ${words(text).join(' ')} `;
  for (const phrase of [...phrases].sort((a, b) => b.length - a.length)) {
    const plain = ` ${words(phrase).join(' ')} `;
    while (rest.includes(plain)) rest = rest.replace(plain, ' ');
  }
  return words(rest);
}

/** Numbers look like numbers: at least one digit, nothing but letters, digits and separators, not one sign repeated. */
export function isCaseNumber(text: string | null): boolean {
  return text !== null && /^(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ./_-]{2,63}$/.test(text) && !/^(.)\1+$/.test(text);
}

/** @returns why the reason does not do, or `null`. */
export function checkReason(policy: Policy, reason: Reason, clause = 'IV.A.1'): Refusal | null {
  const rules = policy.reason;
  const said = ` ${words(reason.facts).join(' ')} `;
  const banned = rules.prohibitedTerms.find((term) => said.includes(` ${words(term).join(' ')} `));
  if (banned !== undefined) {
    return refusal('PURPOSE_PROHIBITED', 'IV.D.1', 'this purpose is not one for which plates may be looked at here');
  }
  const insufficient = (sentence: string) => refusal('REASON_INSUFFICIENT', clause, sentence);
  if (!rules.bases.includes(reason.basis)) return insufficient(`choose a basis: ${rules.bases.join(', ')}`);
  const distinct = new Set(
    withoutStockPhrases(reason.facts, rules.stockPhrases).filter((word) => /\p{L}{2,}/u.test(word)),
  );
  const readable = [...distinct].filter((word) => !/^(.)\1+$/u.test(word));
  if (reason.facts.trim().length < rules.factsCharsMin || readable.length < rules.factsDistinctWordsMin) {
    return insufficient('say what happened: facts of this matter that somebody else could check, not a stock phrase');
  }
  if (rules.needsCase.includes(reason.basis) && !isCaseNumber(reason.caseNo)) {
    return refusal('CASE_NUMBER_REQUIRED', clause, 'give the case or incident number');
  }
  if (rules.needsOrder.includes(reason.basis) && !isCaseNumber(reason.orderNo)) {
    return refusal('CASE_NUMBER_REQUIRED', clause, "give the court order's number");
  }
  return null;
}
