import { useEffect, useRef, useState } from 'preact/hooks';
import { get, type Problem } from '../api/client.js';
import { may } from '../session.js';
import { Notice, ProblemNotice } from '../ui/notice.js';
import { Screen, Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { ageOf } from '../ui/words.js';
import { quantileOf, type Sample, samplesOf, sumOf } from './metrics_text.js';

interface Ready {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

const everyMs = 5000;

/** Its answer is of use whatever its status: 503 carries the reasons. */
async function readiness(): Promise<Ready> {
  try {
    return (await (await fetch('/readyz', { cache: 'no-store' })).json()) as Ready;
  } catch {
    return { ready: false, reasons: ['the server does not answer'] };
  }
}

/** The figures of Grafana for those without it: whether everything works, and with how much room. */
export function Health() {
  const [ready, setReady] = useState<Ready | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [now, setNow] = useState<Scrape | null>(null);
  const before = useRef<Scrape | null>(null);
  useEffect(() => {
    async function scrape() {
      if (!may('health')) return;
      const answer = await get<{ readonly text: string }>('/api/views/health');
      setProblem(answer.ok ? null : answer.problem);
      if (!answer.ok) return;
      setNow((last) => {
        before.current = last;
        return { atMs: Date.now(), samples: samplesOf(answer.value.text) };
      });
    }
    async function look() {
      setReady(await readiness());
      await scrape();
    }
    void look();
    const timer = setInterval(() => void look(), everyMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <Screen title="Health">
      <Readiness ready={ready} />
      <ProblemNotice problem={problem} />
      {now ? <Figures now={now} before={before.current} /> : null}
    </Screen>
  );
}

function Readiness({ ready }: { ready: Ready | null }) {
  if (ready === null) return <p class="soft">Asking…</p>;
  if (ready.ready) return <Notice tone="good">Everything works.</Notice>;
  return (
    <Notice tone="bad">
      {ready.reasons.map((reason) => (
        <span key={reason}>{reason}</span>
      ))}
    </Notice>
  );
}

interface Scrape {
  readonly atMs: number;
  readonly samples: readonly Sample[];
}

interface FiguresProps {
  readonly now: Scrape;
  readonly before: Scrape | null;
}

const p = (name: string) => `platestream_${name}`;

function Figures({ now, before }: FiguresProps) {
  const { samples } = now;
  const of = (name: string, labels = {}) => sumOf(samples, p(name), labels);
  const perSecond = (name: string, labels = {}) => {
    if (before === null) return null;
    const seconds = (now.atMs - before.atMs) / 1000;
    return (of(name, labels) - sumOf(before.samples, p(name), labels)) / seconds;
  };
  const p99 = quantileOf(samples, p('capture_to_alert_seconds'), 0.99);
  const captured = of('frames_captured_total');
  const slots = of('frame_slots');
  return (
    <>
      <div class="figures">
        <Figure
          title="Frames a second"
          value={rate(perSecond('frames_captured_total'))}
          about={`${captured.toLocaleString()} captured`}
        />
        <Figure
          title="Dropped"
          value={share(of('frames_total', { outcome: 'dropped' }), captured)}
          about={`${of('frames_total', { outcome: 'failed' }).toLocaleString()} failed`}
        />
        <Figure title="Capture to alert" value={p99 === null ? 'no alert yet' : `≤ ${p99} s`} about="99 of 100" />
        <Figure
          title="Alerts waiting"
          value={of('alerts_unacknowledged').toLocaleString()}
          about={`${of('alerts_raised_total').toLocaleString()} raised`}
        />
        <Figure
          title="Frame slots in use"
          value={share(of('frame_slots_in_use'), slots)}
          about={`of ${slots.toLocaleString()}`}
        />
        <Figure
          title="Engine memory"
          value={bytes(of('engine_resident_bytes'))}
          about={`${of('engine_restarts_total')} restarts`}
        />
        <Figure title="Processor" value={cores(perSecond('engine_cpu_seconds_total'))} about="cores used by engines" />
        <Figure
          title="Hot list"
          value={of('hot_list_entries').toLocaleString()}
          about={`compiled ${ageOf(of('hot_list_age_seconds') * 1000)} ago`}
        />
        <Figure
          title="Reads stored"
          value={of('store_stored_reads_total').toLocaleString()}
          about={`${of('store_spool_reads').toLocaleString()} in the spool`}
        />
        <Figure title="Pictures" value={bytes(of('store_images_bytes'))} about={`kept ${of('retention_days')} days`} />
        <Figure
          title="Ledger"
          value={of('ledger_records').toLocaleString()}
          about={of('ledger_healthy') === 1 ? 'records, whole' : 'NOT healthy'}
        />
        <Figure
          title="Reports lost"
          value={of('engine_reports_lost_total').toLocaleString()}
          about={`${of('engine_reports_spooled')} in the engine's spool`}
        />
      </div>
      <CameraFigures now={now} before={before} />
    </>
  );
}

function Figure({ title, value, about }: { title: string; value: string; about: string }) {
  return (
    <div class="figure">
      <span class="small soft">{title}</span>
      <strong>{value}</strong>
      <span class="small soft">{about}</span>
    </div>
  );
}

const outcomes = ['read', 'empty', 'dropped', 'failed'] as const;

/** Every captured frame has ended in exactly one way, or is under way: the row shows that it adds up. */
function CameraFigures({ now, before }: FiguresProps) {
  const cameras = now.samples
    .filter((one) => one.name === p('frames_captured_total'))
    .map((one) => one.labels['camera'] ?? '');
  const of = (samples: readonly Sample[], name: string, labels: Record<string, string>) =>
    sumOf(samples, p(name), labels);
  const fps = (camera: string) => {
    if (before === null) return null;
    const seconds = (now.atMs - before.atMs) / 1000;
    return (
      (of(now.samples, 'frames_captured_total', { camera }) - of(before.samples, 'frames_captured_total', { camera })) /
      seconds
    );
  };
  return (
    <Section title="Frames by camera">
      <Table
        label="Frames by camera"
        rows={cameras}
        keyOf={(camera) => camera}
        empty="No camera"
        columns={[
          { title: 'Camera', cell: (camera) => <span class="digits">{camera}</span> },
          { title: 'Frames a second', cell: (camera) => rate(fps(camera)) },
          {
            title: 'Captured',
            cell: (camera) => of(now.samples, 'frames_captured_total', { camera }).toLocaleString(),
          },
          ...outcomes.map((outcome) => ({
            title: outcome.charAt(0).toUpperCase() + outcome.slice(1),
            cell: (camera: string) => of(now.samples, 'frames_total', { camera, outcome }).toLocaleString(),
          })),
          { title: 'Under way', cell: (camera) => of(now.samples, 'frames_in_flight', { camera }).toLocaleString() },
        ]}
      />
    </Section>
  );
}

function rate(value: number | null): string {
  return value === null ? '…' : value.toFixed(1);
}

function cores(value: number | null): string {
  return value === null ? '…' : value.toFixed(2);
}

function share(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((100 * part) / whole).toFixed(1)} %`;
}

function bytes(value: number): string {
  return value > 1e9 ? `${(value / 1e9).toFixed(1)} GB` : `${Math.round(value / 1e6)} MB`;
}
