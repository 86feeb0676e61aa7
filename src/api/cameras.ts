import type { FrameCounts } from '../data/outcome.js';
import { ok } from '../data/result.js';
import { dayMs } from '../policy/command.js';
import type { Refusal } from '../policy/refusal.js';
import { type AnyRoute, view } from './route.js';
import type { Services } from './services.js';

/** A configured camera as the engine tells of it; no URL and no credential. */
export interface LiveCamera {
  readonly cameraId: string;
  readonly state: string;
  readonly reason: string;
  readonly counts: FrameCounts;
  /** Frames that ended so, by `<outcome>:<reason>`. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Pictures a second, given and configured, and the camera's clock minus ours in ms; `null` = not known (yet). */
  readonly stream: {
    readonly fps: number | null;
    readonly fpsWanted: number;
    readonly clockOffsetMs: number | null;
  } | null;
}

function refusalView(refused: Refusal | null) {
  return refused && { code: refused.code, clause: refused.clause, detail: refused.sentence };
}

/** The registry of the ledger, joined with what each camera does now; configured but unregistered ones are listed too. */
export function cameraRoutes({ governance, cameras }: Services): AnyRoute[] {
  return [
    view({
      name: 'cameras',
      summary: 'Every camera: registered, approved, in service, and what it does now.',
      handle() {
        const registered = governance.state().cameras;
        const live = new Map(cameras().map((camera) => [camera.cameraId, camera]));
        const checkEveryMs = governance.policy.numbers.cameraCheckDays * dayMs;
        const ids = [...new Set([...registered.keys(), ...live.keys()])].sort();
        const items = ids.map((cameraId) => {
          const known = registered.get(cameraId);
          const checkedAtMs = known?.checkedAtMs ?? null;
          return {
            cameraId,
            registered: known !== undefined,
            mount: known?.mount ?? null,
            latitude: known?.latitude ?? null,
            longitude: known?.longitude ?? null,
            deploymentId: known?.deploymentId ?? null,
            registeredBy: known?.registeredBy ?? null,
            approvedBy: known?.approvedBy ?? null,
            out: known?.out ?? null,
            baseline: known?.baseline ?? null,
            checkedAtMs,
            checkDueMs: checkedAtMs === null ? null : checkedAtMs + checkEveryMs,
            refusal: refusalView(governance.cameraRefusal(cameraId)),
            live: live.get(cameraId) ?? null,
          };
        });
        return ok({ items });
      },
    }),
    view({
      name: 'deployments',
      summary: 'Where and why cameras are used, who approved it, what came of it; absences of the administrator.',
      handle() {
        const { deployments, absences, cameras: registered } = governance.state();
        const items = [...deployments.values()].map((deployment) => ({
          ...deployment,
          cameras: [...registered.values()]
            .filter((camera) => camera.deploymentId === deployment.deploymentId)
            .map((camera) => camera.cameraId),
        }));
        return ok({ items, absences: withIds('absenceId', absences) });
      },
    }),
  ];
}

/** A map as a list, each with its key under a name. */
export function withIds<Value extends object>(name: string, map: ReadonlyMap<string, Value>): object[] {
  return [...map].map(([id, value]) => ({ [name]: id, ...value }));
}
