import { Readable } from 'node:stream';
import { limits } from '../limits.js';
import type { Rule } from '../policy/policy_file.js';
import type { Refusal } from '../policy/refusal.js';
import type { Services } from './services.js';

/** Who still receives something, and by which rule. */
export interface Receiving {
  readonly token: string;
  readonly rule: Rule | undefined;
}

/** Why nothing more may be sent to this session now, or `null`: it ended, or its user was frozen, lost training or designation, or all is suspended. */
export function refusalNow({ accounts, governance }: Services, { token, rule }: Receiving): Refusal | null {
  const principal = accounts.principalOf(token, 'peek');
  if (!principal.ok) return principal.error;
  const actor = rule && governance.authorise(principal.value, { ...rule, stepUp: false });
  return actor && !actor.ok ? actor.error : null;
}

/**
 * What was allowed when it was asked for, sent only as long as it stays so: a download that takes minutes is cut within seconds of a freeze,
 * like an alert stream [II.pre]. A reader that pauses is asked about again before its next byte.
 */
export function whileAllowed(
  services: Services,
  receiving: Receiving,
  chunks: AsyncIterable<Uint8Array>,
): ReadableStream<Uint8Array> {
  return Readable.toWeb(Readable.from(guarded(services, receiving, chunks))) as ReadableStream<Uint8Array>;
}

async function* guarded(
  services: Services,
  receiving: Receiving,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let checkedAtMs = services.clock.monotonicMs();
  for await (const chunk of chunks) {
    const nowMs = services.clock.monotonicMs();
    if (nowMs - checkedAtMs >= limits.alert.sessionCheckMs) {
      const refused = refusalNow(services, receiving);
      if (refused !== null) throw new Error(`no longer allowed: ${refused.code}`);
      checkedAtMs = nowMs;
    }
    yield chunk;
  }
}

const chunkBytes = 64 << 10;

/** Bytes in pieces, so that what is sent can be stopped between two. */
export async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes);
}
