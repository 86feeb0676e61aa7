/** What the server says of a camera's alignment; outlines in fractions of the frame, boxes in its pixels. */
export interface Alignment {
  readonly zones: readonly Outline[];
  readonly masks: readonly Outline[];
  readonly plates: readonly SeenPlate[];
  readonly tiltDegreesMax: number;
}

type Outline = readonly (readonly [number, number])[];

interface SeenPlate {
  readonly atMs: number;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly tiltDegrees: number | null;
}

export interface Shown {
  readonly grid: boolean;
  readonly zones: boolean;
  readonly plates: boolean;
}

interface OverlayProps {
  readonly alignment: Alignment;
  /** Of the full frame, pixels. */
  readonly width: number;
  readonly height: number;
  readonly shown: Shown;
}

/** Drawn over the picture in the frame's own pixels, so that a width in it is the width the reader has. */
export function AlignmentOverlay({ alignment, width, height, shown }: OverlayProps) {
  const outline = (corners: Outline) => corners.map(([x, y]) => `${x * width},${y * height}`).join(' ');
  return (
    <svg class="overlay" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={describe(alignment)}>
      {shown.grid ? <Grid width={width} height={height} /> : null}
      {shown.zones ? (
        <>
          {alignment.zones.map((corners) => (
            <polygon key={outline(corners)} class="overlay-zone" points={outline(corners)} />
          ))}
          {alignment.masks.map((corners) => (
            <polygon key={outline(corners)} class="overlay-mask" points={outline(corners)} />
          ))}
        </>
      ) : null}
      {shown.plates
        ? alignment.plates.map((plate, index) => (
            <Plate
              key={plate.atMs}
              plate={plate}
              text={index < alignment.plates.length - labelled ? null : height / 24}
            />
          ))
        : null}
    </svg>
  );
}

/** Of the latest plates so many say their width: more would lie on each other. */
const labelled = 4;
const lines = [1, 2, 3, 4, 5, 6, 7];

/** Eighths, the middle stronger: a level road and an upright post can be held against it. */
function Grid({ width, height }: { width: number; height: number }) {
  return (
    <g>
      {lines.map((n) => (
        <path
          key={n}
          class={n === 4 ? 'overlay-middle' : 'overlay-grid'}
          d={`M${(width * n) / 8} 0V${height}M0 ${(height * n) / 8}H${width}`}
        />
      ))}
    </g>
  );
}

function Plate({ plate: { box, tiltDegrees }, text }: { plate: SeenPlate; text: number | null }) {
  const [middleX, middleY] = [box.x + box.width / 2, box.y + box.height / 2];
  return (
    <g>
      <rect class="overlay-plate" x={box.x} y={box.y} width={box.width} height={box.height} />
      {tiltDegrees === null ? null : (
        <path
          class="overlay-tilt"
          d={`M${box.x - box.width / 4} ${middleY}H${box.x + box.width * 1.25}`}
          transform={`rotate(${tiltDegrees} ${middleX} ${middleY})`}
        />
      )}
      {text === null ? null : (
        <text class="overlay-text" x={box.x} y={box.y - text / 3} font-size={text}>
          {Math.round(box.width)} px{tiltDegrees === null ? '' : `, ${tiltDegrees}°`}
        </text>
      )}
    </g>
  );
}

function describe({ zones, masks, plates }: Alignment): string {
  return `Grid, ${zones.length} zones, ${masks.length} masks and the latest ${plates.length} plates over the picture.`;
}
