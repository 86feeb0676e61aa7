import { clockOf, dayOf } from '../ui/words.js';

export interface TimelineStop {
  readonly lane: string;
  readonly atMs: number;
}

const width = 1000;
const laneHeight = 30;
const left = 120;
const top = 30;
const ticks = 5;

/** When it was seen, one lane a camera, time from left to right. */
export function Timeline({ stops }: { stops: readonly TimelineStop[] }) {
  const lanes = [...new Set(stops.map((stop) => stop.lane))].sort();
  const times = stops.map((stop) => stop.atMs);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const span = Math.max(60_000, last - first);
  const x = (ms: number) => left + 20 + ((ms - first) / span) * (width - left - 60);
  const height = top + lanes.length * laneHeight + 10;
  return (
    <figure class="plan timeline">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${stops.length} sightings at ${lanes.length} cameras`}
      >
        {Array.from({ length: ticks }, (_, index) => first + (span * index) / (ticks - 1)).map((ms, index) => (
          <g key={ms}>
            <path class="timeline-tick" d={`M${x(ms)} ${top - 6}V${height - 6}`} />
            <text class="timeline-time" x={x(ms)} y={16}>
              {index === 0 || span > 86_400_000 ? `${dayOf(ms)} ` : ''}
              {clockOf(ms).slice(0, 5)}
            </text>
          </g>
        ))}
        {lanes.map((lane, index) => (
          <g key={lane} transform={`translate(0 ${top + index * laneHeight + laneHeight / 2})`}>
            <text x={8} dy="6">
              {lane}
            </text>
            <path class="timeline-line" d={`M${left} 0H${width - 10}`} />
            {stops
              .filter((stop) => stop.lane === lane)
              .map((stop) => (
                <circle key={stop.atMs} class="timeline-stop" cx={x(stop.atMs)} r={6} />
              ))}
          </g>
        ))}
      </svg>
    </figure>
  );
}
