import type { CameraConfusion } from '../match/camera_confusion.js';
import type { Governance } from '../policy/governance.js';
import type { Journal } from '../policy/journal.js';

/** What people found when they compared hits with the picture tells how far each camera is to be trusted. @returns how to stop. */
export function learnFromHits(governance: Governance, ledger: Pick<Journal, 'subscribe'>, confusion: CameraConfusion) {
  for (const { cameraId, verified, closed } of governance.state().hits.values()) {
    if (verified !== null) confusion.verified(cameraId, true);
    else if (closed?.disposition === 'mismatch') confusion.verified(cameraId, false);
  }
  return ledger.subscribe(({ action, effect }) => {
    if (action !== 'hit.verify' || effect === undefined) return;
    const { hitId, verified } = effect as { hitId: string; verified: boolean };
    const hit = governance.state().hits.get(hitId);
    if (hit) confusion.verified(hit.cameraId, verified);
  });
}
