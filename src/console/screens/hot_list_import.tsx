import { useState } from 'preact/hooks';
import { type Answer, type Problem, problemOf } from '../api/client.js';
import { withStepUp } from '../step_up.js';
import { Dialog } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { useView, When } from '../ui/load.js';
import { Notice, ProblemNotice, Tag } from '../ui/notice.js';
import { Table } from '../ui/table.js';
import { momentOf, titleOf } from '../ui/words.js';

/** What an import came to; never what a line holds. */
export interface ImportReport {
  readonly source: string;
  readonly atMs: number;
  readonly outcome: 'loaded' | 'unchanged' | 'refused';
  readonly refusal: { readonly code: string; readonly clause: string; readonly sentence: string } | null;
  readonly rows: number;
  readonly kept: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly signed: boolean;
  readonly rejects: readonly (readonly [line: number, reason: string])[];
}

/** Hands a file over as the next one of a source [III.M]. */
export function ImportButton({ sources, onDone }: { sources: readonly string[]; onDone: () => unknown }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        Import a list
      </button>
      {open ? (
        <Dialog title="Import a list" onClose={() => setOpen(false)}>
          <ImportForm sources={sources} onDone={onDone} />
        </Dialog>
      ) : null}
    </>
  );
}

function ImportForm({ sources, onDone }: { sources: readonly string[]; onDone: () => unknown }) {
  const [source, setSource] = useState(sources.length === 1 ? (sources[0] as string) : '');
  const [file, setFile] = useState<File | null>(null);
  const [why, setWhy] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [busy, setBusy] = useState(false);
  const moved = report?.refusal?.code === 'COUNT_MOVED';

  async function submit(event: Event) {
    event.preventDefault();
    if (file === null) return;
    setBusy(true);
    setProblem(null);
    const answer = await withStepUp(() => handOver(source, file, moved ? why : null));
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    setReport(answer.ok ? answer.value : null);
    onDone();
  }

  return (
    <form class="form" onSubmit={submit}>
      <p class="soft">
        The file replaces what was loaded of this source before. Who handed it over is recorded before it is read.
      </p>
      <Field
        spec={{
          name: 'source',
          label: 'Source',
          kind: 'select',
          options: sources.map((value) => ({ value, label: value })),
        }}
        value={source}
        onChange={(value) => setSource(String(value))}
      />
      <label class="field">
        <span class="label">File</span>
        <input
          type="file"
          class="input"
          required
          onChange={(event) => {
            setFile(event.currentTarget.files?.[0] ?? null);
            setReport(null);
          }}
        />
        <span class="hint">CSV, JSON lines or an NCIC extract, as the source is configured; gzip too</span>
      </label>
      {report ? <Came report={report} /> : null}
      {moved ? (
        <Field
          spec={{
            name: 'why',
            label: 'Why the row count may move so far',
            kind: 'area',
            hint: 'Recorded with your name',
          }}
          value={why}
          onChange={(value) => setWhy(String(value))}
        />
      ) : null}
      <ProblemNotice problem={problem} />
      <div class="buttons">
        <button type="submit" class={`button ${moved ? 'grave' : 'primary'}`} disabled={busy}>
          {busy ? 'Importing…' : moved ? 'Approve and import' : 'Import'}
        </button>
      </div>
    </form>
  );
}

async function handOver(source: string, file: File, approve: string | null): Promise<Answer<ImportReport>> {
  const query = approve === null ? '' : `?${new URLSearchParams({ approve })}`;
  const response = await fetch(`/api/hot-lists/${encodeURIComponent(source)}/imports${query}`, {
    method: 'POST',
    credentials: 'same-origin',
    cache: 'no-store',
    headers: { 'content-type': 'application/octet-stream', 'x-platestream': '1' },
    body: file,
  }).catch(() => null);
  if (response === null)
    return { ok: false, problem: { status: 0, code: 'UNREACHABLE', detail: 'The server does not answer.' } };
  if (!response.ok) return { ok: false, problem: await problemOf(response) };
  return { ok: true, value: (await response.json()) as ImportReport, sequence: null };
}

const tones = { loaded: 'good', unchanged: 'plain', refused: 'bad' } as const;

function Came({ report }: { report: ImportReport }) {
  const { outcome, refusal, rows, kept, duplicates, rejected, dropped } = report;
  const leftOut = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <Notice tone={tones[outcome]}>
        <strong>{titleOf(outcome)}</strong>
        {refusal ? <span>{refusal.sentence}</span> : null}
        <span class="why digits">
          {rows.toLocaleString()} rows: {kept.toLocaleString()} kept, {duplicates.toLocaleString()} duplicates,{' '}
          {leftOut.toLocaleString()} left out by the policy, {rejected.toLocaleString()} rejected
          {refusal ? ` · ${refusal.code} · policy ${refusal.clause}` : ''}
        </span>
      </Notice>
      {report.rejects.length > 0 ? <Rejects report={report} /> : null}
    </>
  );
}

/** Which lines were not understood and why: enough to ask whoever made the file. */
function Rejects({ report: { source, rejects } }: { report: ImportReport }) {
  return (
    <Table
      label={`Rejected lines of ${source}`}
      rows={rejects}
      keyOf={([line]) => String(line)}
      empty="No line was rejected"
      columns={[
        { title: 'Line', cell: ([line]) => <span class="digits">{line.toLocaleString()}</span> },
        { title: 'Why', cell: ([, reason]) => titleOf(reason) },
      ]}
    />
  );
}

/** The same of the latest import of a source, asked for when somebody wants it. */
export function RejectsButton({ source, count }: { source: string; count: number }) {
  const [open, setOpen] = useState(false);
  if (count === 0) return '0';
  return (
    <>
      <button type="button" class="button tiny" onClick={() => setOpen(true)}>
        {count.toLocaleString()}: which lines
      </button>
      {open ? (
        <Dialog title={`Rejected lines of ${source}`} onClose={() => setOpen(false)}>
          <LatestRejects source={source} />
        </Dialog>
      ) : null}
    </>
  );
}

function LatestRejects({ source }: { source: string }) {
  const latest = useView<ImportReport>(`/api/hot-lists/${encodeURIComponent(source)}/rejects`);
  return (
    <When loaded={latest}>
      {(report) => (
        <div class="form">
          <p class="soft">
            Of the import of {momentOf(report.atMs)}. <Tag>{report.rejected.toLocaleString()} rejected</Tag>
          </p>
          <Rejects report={report} />
        </div>
      )}
    </When>
  );
}
