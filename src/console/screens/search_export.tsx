import { useState } from 'preact/hooks';
import { type Answer, problemOf } from '../api/client.js';
import { withStepUp } from '../step_up.js';
import { Notice, ProblemNotice } from '../ui/notice.js';
import { AskSupervisor, type CosignProblem } from './ask_supervisor.js';
import type { Asked } from './search.js';

const formats = ['csv', 'jsonl', 'parquet'] as const;
type Format = (typeof formats)[number];

/** A download belongs to a case, is recorded, and asks for the second factor again [IV.F.2]. */
export function Exports({ asked }: { asked: Asked }) {
  const [problem, setProblem] = useState<CosignProblem | null>(null);
  const [format, setFormat] = useState<Format>('csv');
  const [done, setDone] = useState<string | null>(null);

  function ask(next: Format) {
    const { cursor: _from, pageRows: _rows, ...criteria } = asked.criteria;
    setFormat(next);
    return download({ reason: asked.reason, criteria, format: next }, next);
  }

  async function download(body: object, format: Format) {
    setProblem(null);
    setDone(null);
    const answer = await withStepUp(() => fetchFile(body));
    if (!answer.ok) return setProblem(answer.problem);
    const { blob, sequence, rows } = answer.value;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = `reads-${sequence}.${format}`;
    link.click();
    URL.revokeObjectURL(link.href);
    setDone(`${rows} rows, ledger no. ${sequence}`);
  }

  return (
    <div class="form">
      <div class="buttons">
        <span class="soft">Export for case {asked.reason.caseNo ?? '(the reason names none)'}:</span>
        {formats.map((one) => (
          <button key={one} type="button" class="button tiny" onClick={() => ask(one)}>
            {one.toUpperCase()}
          </button>
        ))}
      </div>
      {done ? <Notice tone="good">{done}</Notice> : null}
      <ProblemNotice problem={problem} />
      {problem?.cosign ? (
        <AskSupervisor
          cosign={problem.cosign}
          again="export now"
          onAgain={() => download({ reason: asked.reason, cosigned: problem.cosign?.sequence, format }, format)}
        />
      ) : null}
    </div>
  );
}

interface File {
  readonly blob: Blob;
  readonly sequence: string;
  readonly rows: string;
}

async function fetchFile(body: object): Promise<Answer<File>> {
  const response = await fetch('/api/exports', {
    method: 'POST',
    credentials: 'same-origin',
    cache: 'no-store',
    headers: { 'content-type': 'application/json', 'x-platestream': '1' },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (response === null) {
    return { ok: false, problem: { status: 0, code: 'UNREACHABLE', detail: 'The server does not answer.' } };
  }
  if (!response.ok) return { ok: false, problem: await problemOf(response) };
  const sequence = response.headers.get('x-platestream-sequence') ?? '';
  const rows = response.headers.get('x-platestream-rows') ?? '';
  return { ok: true, value: { blob: await response.blob(), sequence, rows }, sequence: null };
}
