import { clockOf } from '../ui/words.js';
import { type Position, planOf } from './projection.js';

interface PlanCamera {
  readonly id: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly ok: boolean;
}

export interface PlanStop {
  readonly cameraId: string;
  readonly atMs: number;
}

interface PlanProps {
  /** Corners of the jurisdiction. */
  readonly outline: readonly Position[];
  readonly cameras: readonly PlanCamera[];
  /** Where something was seen, oldest first; joined in this order. */
  readonly stops?: readonly PlanStop[];
  /** Whether the stops are of one vehicle, so that a line between them says something. */
  readonly joined?: boolean;
}

const width = 1000;

/** The city as its outline and its cameras, without any map from outside: nothing is fetched, nothing tells anyone where one looks. */
export function Plan({ outline, cameras, stops = [], joined = false }: PlanProps) {
  // As close as the cameras allow; the outline is drawn as far as it is in sight.
  const placed = cameras.map((c): Position => [c.latitude, c.longitude]);
  const positions = placed.length > 0 ? placed : outline;
  if (positions.length === 0) return null;
  const plan = planOf(positions, width);
  const points = outline.map((corner) => {
    const { x, y } = plan.at(corner);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const seenAt = new Map<string, PlanStop[]>();
  for (const stop of stops) seenAt.set(stop.cameraId, [...(seenAt.get(stop.cameraId) ?? []), stop]);
  return (
    <figure class="plan">
      <svg viewBox={`0 0 ${width} ${plan.height.toFixed(0)}`} role="img" aria-label={describe(cameras, stops)}>
        <polygon class="plan-city" points={points.join(' ')} />
        {joined ? <Track cameras={cameras} stops={stops} at={plan.at} /> : null}
        {cameras.map((camera) => {
          const { x, y } = plan.at([camera.latitude, camera.longitude]);
          const seen = seenAt.get(camera.id) ?? [];
          return (
            <g
              key={camera.id}
              class={`plan-camera ${camera.ok ? '' : 'out'} ${seen.length > 0 ? 'seen' : ''}`}
              transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
            >
              <circle r={seen.length > 0 ? 15 : 10} />
              {seen.length > 0 ? (
                <text class="plan-count" dy="6">
                  {seen.length}
                </text>
              ) : null}
              <text class="plan-name" x={20} y={6}>
                {camera.id}
              </text>
              {seen.length > 0 ? (
                <text class="plan-time" x={20} y={25}>
                  {clockOf(seen.at(-1)?.atMs ?? 0)}
                </text>
              ) : null}
            </g>
          );
        })}
        <g class="plan-scale" transform={`translate(24 ${(plan.height - 24).toFixed(0)})`}>
          <path d={`M0 -8V0H${plan.metres(500).toFixed(0)}V-8`} />
          <text x={plan.metres(500) + 10}>500 m</text>
        </g>
      </svg>
    </figure>
  );
}

function describe(cameras: readonly PlanCamera[], stops: readonly PlanStop[]): string {
  const where = [...new Set(stops.map((stop) => stop.cameraId))];
  const seen = where.length > 0 ? ` Seen at ${where.join(', ')}.` : '';
  return `Plan of the city with ${cameras.length} cameras.${seen}`;
}

function Track(props: {
  cameras: readonly PlanCamera[];
  stops: readonly PlanStop[];
  at: (p: Position) => { x: number; y: number };
}) {
  const places = new Map(props.cameras.map((camera) => [camera.id, camera]));
  const path = props.stops
    .map((stop) => places.get(stop.cameraId))
    .filter((camera) => camera !== undefined)
    .map((camera) => props.at([camera.latitude, camera.longitude]))
    .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`);
  return path.length > 1 ? <path class="plan-track" d={path.join('')} /> : null;
}
