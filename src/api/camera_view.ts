import { setTimeout as pause } from 'node:timers/promises';
import type { CameraPicture } from '../bus/message.js';
import type { Box } from '../data/box.js';
import { fail, ok, type Result } from '../data/result.js';
import { limits } from '../limits.js';
import { type Refusal, refusal } from '../policy/refusal.js';
import { type AnyRoute, type Call, route } from './route.js';
import type { Services } from './services.js';

/** Where in the frame a plate was and how far it leant; nothing of what it said. */
export interface SeenPlate {
  readonly atMs: number;
  /** Pixels of the full frame. */
  readonly box: Box;
  /** Clockwise; `null` where the picture shows no row of characters. */
  readonly tiltDegrees: number | null;
}

/** What somebody who aligns a camera measures it by; outlines in fractions of the frame. */
interface Alignment {
  readonly zones: readonly (readonly (readonly [number, number])[])[];
  readonly masks: readonly (readonly (readonly [number, number])[])[];
  /** Newest last. */
  readonly plates: readonly SeenPlate[];
}

/** Cameras of this machine, looked at through the engine that decodes them: frames never leave the machine that decoded them. */
export interface CameraViews {
  /** `null`: not a camera of this machine. */
  alignment(cameraId: string): Alignment | null;
  /** The next picture the engine decodes; `null` when it gives none. */
  picture(cameraId: string): Promise<CameraPicture | null>;
}

const elsewhere = () =>
  fail(refusal('NOT_FOUND', 'IV.B.2.a(3)', 'no camera of this machine has that name; look at it on its own machine'));
const dark = () => fail(refusal('NOT_FOUND', 'IV.B.2.a(3)', 'this camera gives no picture at the moment'));

/** For technicians alone, to align a camera: a few small pictures a second while somebody looks, kept nowhere [IV.B.2.a(3)]. */
export function cameraViewRoutes(services: Services): AnyRoute[] {
  const { governance, cameraViews } = services;
  const looks = new Looks(services);
  const rule = { kind: 'view', name: 'camera.view' } as const;
  return [
    route({
      method: 'GET',
      path: '/api/cameras/{cameraId}/alignment',
      summary: 'Zones, masks, and where the latest plates were: width in pixels and tilt, never their text.',
      rule,
      keepsIdle: true,
      handle({ params }) {
        const found = cameraViews.alignment(params['cameraId'] ?? '');
        return found === null
          ? elsewhere()
          : ok({ ...found, tiltDegreesMax: governance.policy.numbers.cameraTiltDegreesMax });
      },
    }),
    route({
      method: 'GET',
      path: '/api/cameras/{cameraId}/picture',
      summary: 'The camera’s next picture, at most 960 pixels wide; each minute of looking at one camera is a record.',
      rule,
      keepsIdle: true,
      mediaType: 'image/jpeg',
      async handle(call) {
        const cameraId = call.params['cameraId'] ?? '';
        if (cameraViews.alignment(cameraId) === null) return elsewhere();
        const refused = governance.cameraRefusal(cameraId);
        if (refused !== null) return fail(refused);
        const sequence = await looks.begin(call, cameraId);
        if (!sequence.ok) return sequence;
        const taken = await Promise.race([cameraViews.picture(cameraId), pause(limits.cameraView.waitMsMax, null)]);
        return taken === null ? dark() : pictureResponse(taken, sequence.value);
      },
    }),
  ];
}

function pictureResponse({ jpeg, width, height }: CameraPicture, sequence: number): Response {
  return new Response(Buffer.from(jpeg), {
    headers: {
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'x-platestream-sequence': String(sequence),
      // Of the frame itself: what boxes and widths are measured in.
      'x-platestream-frame': `${width}x${height}`,
    },
  });
}

interface Noted {
  readonly atMs: number;
  readonly record: Promise<Result<{ readonly seq: number }, Refusal>>;
}

/** Who looks at which camera: at most so many pictures a second for one session, and a record for each minute. */
class Looks {
  readonly #services: Services;
  readonly #nextAtMs = new Map<string, number>();
  readonly #noted = new Map<string, Noted>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** Waits for this session's turn. @returns the number of the record that says so, or why there is no look. */
  async begin(call: Call<unknown, unknown>, cameraId: string): Promise<Result<number, Refusal>> {
    const session = call.principal.sessionHash;
    const nowMs = performance.now();
    const { everyMs } = limits.cameraView;
    const turnMs = Math.max(nowMs, this.#nextAtMs.get(session) ?? 0);
    if (turnMs - nowMs > 2 * everyMs)
      return fail(refusal('RATE_LIMITED', 'IV.B.2.a(3)', 'this session asks for pictures faster than they are given'));
    this.#forgetOld(nowMs);
    this.#nextAtMs.set(session, turnMs + everyMs);
    await pause(turnMs - nowMs);
    const noted = await this.#note(call, `${session} ${cameraId}`, cameraId, nowMs);
    return noted.ok ? ok(noted.value.seq) : noted;
  }

  #note({ actor, principal }: Call<unknown, unknown>, key: string, cameraId: string, nowMs: number): Noted['record'] {
    const known = this.#noted.get(key);
    if (known) return known.record;
    const { id, name, roles } = actor;
    const record = this.#services.governance.note({
      action: 'camera.view',
      actor_id: id,
      actor_name: name,
      roles,
      session_hash: principal.sessionHash,
      object_id: cameraId,
      decision: 'allow',
    });
    this.#noted.set(key, { atMs: nowMs, record });
    return record;
  }

  #forgetOld(nowMs: number): void {
    for (const [session, atMs] of this.#nextAtMs) if (atMs < nowMs) this.#nextAtMs.delete(session);
    for (const [key, { atMs }] of this.#noted)
      if (nowMs - atMs >= limits.cameraView.recordedEveryMs) this.#noted.delete(key);
  }
}
