import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { send } from '../api/client.js';
import type { CameraRow, Items } from '../api/records.js';
import type { Criteria, Found, Reason } from '../api/searches.js';
import { may, whyNot } from '../session.js';
import { useView } from '../ui/load.js';
import { ProblemNotice } from '../ui/notice.js';
import { Screen } from '../ui/screen.js';
import { AskSupervisor, type CosignProblem } from './ask_supervisor.js';
import { Cosigns } from './cosigns.js';
import { CriteriaForm } from './search_criteria.js';
import { MySearches } from './search_mine.js';
import { ReasonForm, ReasonLine } from './search_reason.js';
import { Results } from './search_results.js';
import { type SavedSearch, SavedSearches, SaveSearch } from './search_saved.js';

/** Kept while the page is open, so that a look at an alert does not cost the reason already given. */
const reason = signal<Reason | null>(null);

export interface Asked {
  readonly reason: Reason;
  readonly criteria: Criteria;
}

/** Looking back: the reason first, then the question, then what was found [IV.A.1, IV.A.5]. */
export function Search() {
  const cameras = useView<Items<CameraRow>>(may('cameras') ? '/api/views/cameras' : null);
  const saved = useView<Items<SavedSearch>>(may('saved_searches') ? '/api/views/saved_searches' : null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<CosignProblem | null>(null);
  const [busy, setBusy] = useState(false);

  async function ask(body: object, next: Asked, before: Found | null) {
    setBusy(true);
    setProblem(null);
    const answer = await send<Found>('/api/searches', body);
    setBusy(false);
    setAsked(next);
    if (answer.ok) setFound(before ? { ...answer.value, rows: [...before.rows, ...answer.value.rows] } : answer.value);
    else {
      setProblem(answer.problem);
      if (reasonCodes.includes(answer.problem.code)) reason.value = null;
    }
  }

  function search(criteria: Criteria) {
    if (reason.value === null) return;
    setFound(null);
    const next = { reason: reason.value, criteria };
    void ask(next, next, null);
  }

  function more() {
    const cursor = found?.end.cursor;
    if (!asked || !cursor) return;
    const next = { reason: asked.reason, criteria: { ...asked.criteria, cursor } };
    void ask(next, asked, found);
  }

  const refused = whyNot('reads.search');
  if (refused !== null) {
    return (
      <Screen title="Search">
        <ProblemNotice problem={{ status: 403, ...refused }} />
        {may('cosigns') ? <Cosigns /> : null}
      </Screen>
    );
  }
  return (
    <Screen
      title="Search"
      about="What was read within the days that are kept. Every search is recorded before it runs."
    >
      {reason.value === null ? (
        <ReasonForm initial={asked?.reason ?? null} onReason={(given) => (reason.value = given)} />
      ) : (
        <>
          <ReasonLine reason={reason.value} onChange={() => (reason.value = null)} />
          <CriteriaForm
            cameras={(cameras.value?.items ?? []).filter((one) => one.registered !== false).map((one) => one.cameraId)}
            busy={busy}
            initial={asked?.criteria ?? null}
            onCriteria={search}
          />
        </>
      )}
      <ProblemNotice problem={problem} />
      {problem?.cosign && asked ? (
        <AskSupervisor
          cosign={problem.cosign}
          again="search now"
          onAgain={() => ask({ reason: asked.reason, cosigned: problem.cosign?.sequence }, asked, null)}
        />
      ) : null}
      {found && asked ? (
        <Results
          found={found}
          asked={asked}
          cameras={cameras.value?.items ?? []}
          onMore={more}
          onSearch={search}
          actions={<SaveSearch criteria={asked.criteria} onDone={saved.again} />}
        />
      ) : null}
      {may('cosigns') ? <Cosigns /> : null}
      {saved.value ? <SavedSearches saved={saved} onSearch={reason.value === null ? null : search} /> : null}
      <MySearches latest={found?.outcomeSequence ?? 0} />
    </Screen>
  );
}

/** The reason itself was not good enough: it is asked for again, with what was typed. */
const reasonCodes: readonly string[] = ['REASON_INSUFFICIENT', 'CASE_NUMBER_REQUIRED', 'PURPOSE_PROHIBITED'];
