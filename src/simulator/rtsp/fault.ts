import { fail, ok, type Result } from '../../data/result.js';

/** What `wrong_sdp` says instead of the truth. */
export type SdpLie = 'codec' | 'parameter_sets' | 'no_video' | 'garbage';

/** One scripted fault of one camera. */
export type Fault =
  /** Connected, requests answered, but neither frames nor RTCP; afterwards the clip goes on where it stood. */
  | { readonly kind: 'stall' }
  /** RTP packets vanish with this probability, over UDP and TCP; the same seed loses the same packets. */
  | { readonly kind: 'loss'; readonly percent: number; readonly seed?: number }
  /** DESCRIBE answers something untrue. Present clients are closed, so that they meet it. */
  | { readonly kind: 'wrong_sdp'; readonly lie?: SdpLie }
  /** Every request is answered 401, whatever the credentials. Present clients are closed. */
  | { readonly kind: 'unauthorised' }
  /** Once: the camera goes on with another of its clips, new parameter sets in the stream, timestamps continued. */
  | { readonly kind: 'switch_clip'; readonly clip?: number }
  /** Each client is closed this long after its first frame. Default 1,000 ms. */
  | { readonly kind: 'reconnect_storm'; readonly everyMs?: number }
  /** Everything sent over TCP leaves at this pace; UDP media stops. Default 1 byte a second. */
  | { readonly kind: 'trickle'; readonly bytesPerSecond?: number }
  /** The connection is reset at the first request that names the camera. Present clients are reset. */
  | { readonly kind: 'refuse' }
  /** Requests are read and never answered. Present clients are closed, so that they meet it. */
  | { readonly kind: 'hang' };

export type FaultKind = Fault['kind'];

const withNumber: Record<FaultKind, ((value: number | undefined) => Fault | string) | null> = {
  stall: null,
  wrong_sdp: null,
  unauthorised: null,
  refuse: null,
  hang: null,
  loss: (value = 5) => (value <= 100 ? { kind: 'loss', percent: value } : 'loss is 0 to 100 percent'),
  switch_clip: (value = 1) => ({ kind: 'switch_clip', clip: value }),
  reconnect_storm: (value = 1_000) => ({ kind: 'reconnect_storm', everyMs: value }),
  trickle: (value = 1) => (value > 0 ? { kind: 'trickle', bytesPerSecond: value } : 'trickle needs at least 1 byte/s'),
};

export const faultKinds = Object.keys(withNumber) as readonly FaultKind[];

/** `kind` or `kind:number`, as in `loss:5` (percent), `reconnect_storm:500` (ms), `trickle:1` (bytes/s), `switch_clip:1`. */
export function parseFault(text: string): Result<Fault, string> {
  const [, kind = '', number] = /^(\w+?)(?::(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  if (!isFaultKind(kind)) return fail(`no fault "${text}"; there are: ${faultKinds.join(', ')}`);
  const make = withNumber[kind];
  if (!make) return number === undefined ? ok({ kind } as Fault) : fail(`fault ${kind} takes no number`);
  const fault = make(number === undefined ? undefined : Number(number));
  return typeof fault === 'string' ? fail(fault) : ok(fault);
}

function isFaultKind(kind: string): kind is FaultKind {
  return Object.hasOwn(withNumber, kind);
}
