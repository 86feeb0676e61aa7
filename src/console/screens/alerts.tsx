import { useEffect, useMemo } from 'preact/hooks';
import type { AlertView } from '../api/views.js';
import { alerts, feedProblem, fresh, isOpen, looked, openLabel, refreshAlert } from '../feed/alerts_state.js';
import { feedState } from '../feed/feed.js';
import { go, hrefOf, place } from '../router.js';
import { Empty, ProblemNotice, Tag } from '../ui/notice.js';
import { Picture } from '../ui/picture.js';
import { chanceOf, clockOf } from '../ui/words.js';
import { AlertDetail } from './alert_detail.js';
import { categoryLabel, standingOf } from './alert_words.js';
import { wantsTyping } from './type_plate.js';

/** Rows drawn at once; the list says how many more there are. */
const rowsMax = 120;

/** Potential hits, newest first; what is open comes before what is settled. */
export function Alerts() {
  const all = alerts.value;
  const ordered = [...all.filter(isOpen), ...all.filter((one) => !isOpen(one))];
  const chosen = all.find((one) => one.id === place.value.about) ?? null;
  useEffect(() => {
    const { about } = place.value;
    if (about !== null && chosen === null) void refreshAlert(about);
  }, [place.value.about]);
  useListKeys(ordered, chosen);
  return (
    <div class="screen wide">
      <div class="screen-head">
        <h1>Alerts</h1>
        <p class="soft small">
          {openLabel.value ?? 'none'} open · every alert is a <strong>potential</strong> hit until a person has verified
          it
        </p>
        <p class="soft small keys">
          <kbd>J</kbd> <kbd>K</kbd> next, previous · <kbd>V</kbd> verify
        </p>
      </div>
      {feedProblem.value ? <ProblemNotice problem={{ status: 0, ...feedProblem.value }} /> : null}
      <div class={`alerts-layout ${chosen ? 'one-open' : ''}`}>
        <div class="alert-list-side">
          {all.length === 0 ? (
            <Empty title="No alerts yet">
              <p>When a camera reads a plate that is on a hot list, it appears here by itself.</p>
              {feedState.value === 'live' ? <p class="small">Connected and watching.</p> : null}
            </Empty>
          ) : (
            <nav class="alert-list" aria-label="Alerts">
              {ordered.slice(0, rowsMax).map((alert) => (
                <AlertRow
                  key={alert.id}
                  alert={alert}
                  current={alert.id === chosen?.id}
                  isNew={fresh.value.has(alert.sequence)}
                />
              ))}
              {ordered.length > rowsMax ? <p class="soft small">{ordered.length - rowsMax} more, older</p> : null}
            </nav>
          )}
        </div>
        {chosen ? (
          <AlertDetail key={chosen.id} alert={chosen} />
        ) : (
          <div class="wide-only">
            {all.length > 0 ? <Empty title="Choose an alert">The newest is at the top of the list.</Empty> : null}
          </div>
        )}
      </div>
    </div>
  );
}

/** Drawn anew only when it has changed: one more alert costs one more row, not all of them. */
function AlertRow(props: { alert: AlertView; current: boolean; isNew: boolean }) {
  const { alert, current, isNew } = props;
  return useMemo(() => row(alert, current, isNew), [alert, current, isNew]);
}

function row(alert: AlertView, current: boolean, isNew: boolean) {
  const standing = standingOf(alert);
  return (
    <a
      class={`alert-row ${standing.tone}`}
      href={hrefOf('alerts', alert.id)}
      aria-current={current ? 'true' : undefined}
      onClick={() => {
        looked(alert.sequence);
        wantsTyping.value = true;
      }}
    >
      <Picture src={alert.images.plate} alt="" class="crop" />
      <span>
        <span class="what">{categoryLabel(alert.category)}</span>
        <span class="small soft">
          {alert.read.cameraId} · <time class="digits">{clockOf(alert.read.capturedAtMs)}</time>
        </span>
        <span class="tags">
          {isNew ? <Tag tone="accent">new</Tag> : null}
          <Tag tone={standing.tag}>{standing.short}</Tag>
          {alert.escalation ? <Tag tone="bad">seen {alert.escalation.sightings} times</Tag> : null}
          {alert.stateAgreement === 'conflict' ? <Tag tone="bad">state conflict</Tag> : null}
          {alert.descriptionConflict ? <Tag tone="bad">description</Tag> : null}
          {alert.list.stale ? <Tag tone="bad">STALE list</Tag> : null}
          {isOpen(alert) ? <Tag>{chanceOf(alert.chance)}</Tag> : null}
        </span>
      </span>
    </a>
  );
}

/** J and K walk the list; Escape leaves a detail. Never while somebody types. */
function useListKeys(ordered: readonly AlertView[], chosen: AlertView | null): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      if (document.querySelector('dialog[open]')) return;
      const step = { j: 1, k: -1 }[event.key.toLowerCase()];
      if (step === undefined) return;
      const index = ordered.findIndex((one) => one.id === chosen?.id);
      const next = ordered[Math.max(0, Math.min(ordered.length - 1, index + step))];
      if (!next) return;
      looked(next.sequence);
      go('alerts', next.id);
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [ordered, chosen]);
}
