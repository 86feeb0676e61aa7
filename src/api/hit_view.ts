import { isStopReady } from '../policy/areas/hits.js';
import type { Hit } from '../policy/state.js';

/** A hit that nobody has compared with the picture yet shows neither what was read nor what is wanted [IV.A.8.a(1)]. */
export function isBlind(hit: Hit | null): boolean {
  return hit === null || (hit.verified === null && hit.closed === null);
}

/** A hit as the person who works on it sees it. */
export function hitView(hit: Hit, nowMs: number) {
  const blind = isBlind(hit);
  const late = hit.closed === null && hit.status === null && hit.deferral !== null && nowMs > hit.deferral.dueMs;
  return {
    ...hit,
    // A source may name its entries after their plates.
    entryId: blind ? null : hit.entryId,
    plate: blind ? null : hit.plate,
    state: blind ? null : hit.state,
    handovers: blind
      ? hit.handovers.map((one) => ({ ...one, note: withoutPlate(one.note, hit.plate) }))
      : hit.handovers,
    deferralLate: late,
    stopReady: isStopReady(hit, nowMs),
  };
}

/** Words of a list or a colleague may name the plate; until somebody has compared it, they do so as dots. */
export function withoutPlate(words: string, plate: string | null): string {
  if (plate === null || plate === '') return words;
  const spelt = [...plate].map((character) => character.replace(/[^A-Z0-9]/g, '.')).join('[\\s.\\-]*');
  return words.replace(new RegExp(spelt, 'gi'), '...');
}
