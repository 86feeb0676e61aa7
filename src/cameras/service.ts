import type { CameraId } from '../data/ids.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Governance } from '../policy/governance.js';

/** What moves cameras in and out of service: the ledger's word, at once, and the clock, every second [IV.B.1.a(9), IV.B.2.a(3), II.C]. */
export interface CameraService {
  /** Those that must not be started now. */
  outOfService(): CameraId[];
  isInService(cameraId: string): boolean;
  /** Tells of each change from now on. */
  follow(set: (cameraId: CameraId, inService: boolean) => void): void;
  close(): void;
}

/** A deployment ends, a check falls due: by the clock alone. */
const lookEveryMs = 1_000;

export function startCameraService(
  cameras: readonly { readonly id: string }[],
  governance: Governance,
  ledger: Ledger,
): CameraService {
  const ids = cameras.map(({ id }) => id as CameraId);
  const told = new Map<CameraId, boolean>();
  let tell: (cameraId: CameraId, inService: boolean) => void = () => {};

  function look(): void {
    for (const id of ids) {
      const inService = governance.cameraInService(id);
      if (told.get(id) === inService) continue;
      told.set(id, inService);
      tell(id, inService);
    }
  }

  look();
  const timer = setInterval(look, lookEveryMs);
  // The state has folded the record when we hear of it: governance subscribed first.
  const leave = ledger.subscribe(({ effect }) => effect !== undefined && look());
  return {
    outOfService: () => ids.filter((id) => told.get(id) === false),
    isInService: (id) => governance.cameraInService(id),
    follow(set) {
      tell = set;
    },
    close() {
      clearInterval(timer);
      leave();
    },
  };
}
