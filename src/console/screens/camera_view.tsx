import { useEffect, useState } from 'preact/hooks';
import { type Problem, problemOf, sessionEnded } from '../api/client.js';
import { hrefOf } from '../router.js';
import { useView, When } from '../ui/load.js';
import { Notice, ProblemNotice, Tag } from '../ui/notice.js';
import { Screen } from '../ui/screen.js';
import { type Alignment, AlignmentOverlay, type Shown } from './camera_alignment.js';

const askAgainMs = 2_000;

interface Picture {
  readonly address: string;
  readonly width: number;
  readonly height: number;
  readonly sequence: number;
}

/** One camera as it is now, for the technician who aligns it: the picture, and what it is measured by [IV.B.2.a(3)]. */
export function CameraView({ cameraId }: { cameraId: string }) {
  const { picture, problem } = useLivePicture(cameraId);
  const alignment = useView<Alignment>(`/api/cameras/${encodeURIComponent(cameraId)}/alignment`);
  const [shown, setShown] = useState<Shown>({ grid: true, zones: true, plates: true });
  useEffect(() => {
    const timer = setInterval(alignment.again, askAgainMs);
    return () => clearInterval(timer);
  }, [alignment.again]);
  return (
    <Screen
      title={`Camera ${cameraId}`}
      about="A few small pictures a second, kept nowhere. Each minute of looking is on record."
      actions={
        <a class="button tiny" href={hrefOf('cameras')}>
          All cameras
        </a>
      }
    >
      <ProblemNotice problem={problem} />
      <When loaded={alignment}>
        {(view) => (
          <div class="camera-view">
            <figure class="picture live-picture">
              {picture ? (
                <>
                  <img src={picture.address} alt={`What ${cameraId} sees now`} />
                  <AlignmentOverlay alignment={view} width={picture.width} height={picture.height} shown={shown} />
                </>
              ) : (
                <span class="small">{problem ? 'no picture' : 'waiting for the next picture…'}</span>
              )}
            </figure>
            <aside class="card" aria-label="Alignment">
              <h2>Alignment</h2>
              <Layers shown={shown} onChange={setShown} />
              <PlateFigures alignment={view} />
              {picture ? (
                <p class="small soft">
                  {picture.width} × {picture.height} pixels · <Tag>ledger no. {picture.sequence}</Tag>
                </p>
              ) : null}
            </aside>
          </div>
        )}
      </When>
    </Screen>
  );
}

/** One picture after the other, only while the page is in sight; the one before is forgotten. */
function useLivePicture(cameraId: string): { picture: Picture | null; problem: Problem | null } {
  const [picture, setPicture] = useState<Picture | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    const over = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last: string | null = null;
    const wait = (ms: number) => {
      timer = setTimeout(next, ms);
    };
    async function next() {
      if (document.hidden) return wait(askAgainMs);
      const got = await nextPicture(cameraId, over.signal);
      if (over.signal.aborted) return;
      if (got === null || 'code' in got) {
        setPicture(null);
        setProblem(got);
        return wait(askAgainMs);
      }
      setProblem(null);
      setPicture(got);
      if (last) URL.revokeObjectURL(last);
      last = got.address;
      wait(0);
    }
    void next();
    return () => {
      over.abort();
      clearTimeout(timer);
      if (last) URL.revokeObjectURL(last);
    };
  }, [cameraId]);
  return { picture, problem };
}

async function nextPicture(cameraId: string, signal: AbortSignal): Promise<Picture | Problem | null> {
  try {
    const response = await fetch(`/api/cameras/${encodeURIComponent(cameraId)}/picture`, { cache: 'no-store', signal });
    if (!response.ok) {
      const problem = await problemOf(response);
      if (problem.code === 'SESSION_EXPIRED') sessionEnded.value = problem;
      return problem;
    }
    const [width = 0, height = 0] = (response.headers.get('x-platestream-frame') ?? '').split('x').map(Number);
    const sequence = Number(response.headers.get('x-platestream-sequence'));
    return { address: URL.createObjectURL(await response.blob()), width, height, sequence };
  } catch {
    return null;
  }
}

const layers = [
  { name: 'grid', label: 'Grid' },
  { name: 'zones', label: 'Zones and masks' },
  { name: 'plates', label: 'Latest plates' },
] as const;

function Layers({ shown, onChange }: { shown: Shown; onChange: (next: Shown) => void }) {
  return (
    <fieldset class="choices">
      <legend class="unseen">What to draw</legend>
      {layers.map(({ name, label }) => (
        <label class="choice" key={name}>
          <input type="checkbox" checked={shown[name]} onChange={() => onChange({ ...shown, [name]: !shown[name] })} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** Plates this narrow are read badly whatever the light; see docs/cameras.md. */
const widthMin = 60;

function PlateFigures({ alignment: { plates, tiltDegreesMax } }: { alignment: Alignment }) {
  if (plates.length === 0) return <p class="soft">No plate has passed since the program started.</p>;
  const widths = plates.map((one) => one.box.width).sort((a, b) => a - b);
  const tilts = plates.flatMap((one) => (one.tiltDegrees === null ? [] : [one.tiltDegrees])).sort((a, b) => a - b);
  const width = Math.round(middleOf(widths));
  const tilt = tilts.length > 0 ? Math.round(middleOf(tilts)) : null;
  return (
    <>
      <dl class="facts">
        <dt>Plates seen</dt>
        <dd>{plates.length} (the latest)</dd>
        <dt>Plate width</dt>
        <dd>
          {width} px in the middle, {Math.round(widths[0] ?? 0)} to {Math.round(widths.at(-1) ?? 0)}
        </dd>
        <dt>Tilt</dt>
        <dd>{tilt === null ? 'not measured' : `${tilt}° (out of service above ${tiltDegreesMax}°)`}</dd>
      </dl>
      {width < widthMin ? <Notice tone="warn">Plates are small: aim for at least {widthMin} pixels.</Notice> : null}
      {tilt !== null && Math.abs(tilt) > tiltDegreesMax / 2 ? (
        <Notice tone="warn">Plates lean: turn the camera by about {Math.abs(tilt)}°.</Notice>
      ) : null}
    </>
  );
}

function middleOf(sorted: readonly number[]): number {
  return sorted[sorted.length >> 1] ?? 0;
}
