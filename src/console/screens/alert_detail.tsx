import { useEffect, useState } from 'preact/hooks';
import type { AlertView } from '../api/views.js';
import { clockOffsetMs } from '../feed/feed.js';
import { go, hrefOf } from '../router.js';
import { Tag } from '../ui/notice.js';
import { Picture } from '../ui/picture.js';
import { ageOf, chanceOf, clockOf, momentOf, titleOf } from '../ui/words.js';
import { categoryLabel, standingOf } from './alert_words.js';
import { HitSteps } from './hit_steps.js';

/** One potential hit: the pictures as large as they go, what is wanted, what speaks for and against, and the next step. */
export function AlertDetail({ alert }: { alert: AlertView }) {
  const standing = standingOf(alert);
  const [shownAtMs, setShownAtMs] = useState<number | null>(null);
  const shown = () => setShownAtMs((before) => before ?? Date.now() + clockOffsetMs.value);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open]')) go('alerts');
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <article class="detail" aria-label={`${categoryLabel(alert.category)} at ${alert.read.cameraId}`}>
      <div class={`potential ${standing.tone}`}>
        <a class="button tiny narrow-only" href={hrefOf('alerts')}>
          ← List
        </a>
        <span>{standing.long}</span>
      </div>
      <Picture
        src={alert.images.plate}
        alt="The plate, cut out of the camera picture"
        class="picture plate-picture"
        onShown={shown}
      />
      <Picture src={alert.images.vehicle} alt="The vehicle in the camera picture" class="picture vehicle-picture" />
      <div class="steps">
        <HitSteps alert={alert} shownAtMs={shownAtMs} />
      </div>
      <Facts alert={alert} />
    </article>
  );
}

function sightingsOf({ sightings }: AlertView): string {
  if (sightings.count === 0) return 'none today';
  const last = sightings.lastAtMs === null ? '' : `, last at ${clockOf(sightings.lastAtMs)}`;
  return `${sightings.count} today at ${sightings.cameras.join(', ')}${last}`;
}

const agreements = {
  agree: { tone: 'good', text: 'state agrees with the list' },
  unknown: { tone: 'warn', text: 'state not readable: look closely' },
  conflict: { tone: 'bad', text: 'STATE CONFLICT: another state than the list' },
} as const;

function Facts({ alert }: { alert: AlertView }) {
  const { wanted, list, read, hit } = alert;
  const agreement = agreements[alert.stateAgreement];
  return (
    <section class="card about" aria-label="What is known">
      <h2>{categoryLabel(alert.category)}</h2>
      <div class="tags">
        <Tag tone={agreement.tone}>{agreement.text}</Tag>
        {alert.escalation ? (
          <Tag tone="bad">
            seen {alert.escalation.sightings} times, by {alert.escalation.cameras.join(', ')}
          </Tag>
        ) : null}
        {alert.descriptionConflict ? <Tag tone="bad">DESCRIPTION CONFLICT</Tag> : null}
        {list.stale ? <Tag tone="bad">STALE list</Tag> : null}
        {alert.kind === 'exact' ? null : <Tag tone="warn">{alert.kind} match</Tag>}
      </div>
      <dl class="facts">
        <dt>Chance of being true</dt>
        <dd>{chanceOf(alert.chance)}</dd>
        {wanted.plate ? (
          <>
            <dt>Wanted plate</dt>
            <dd>
              <span class="plate">{wanted.plate}</span> {wanted.state}
            </dd>
          </>
        ) : null}
        <dt>Wanted vehicle</dt>
        <dd>{describe(wanted.vehicle)}</dd>
        {wanted.reason ? (
          <>
            <dt>Reason</dt>
            <dd>{wanted.reason}</dd>
          </>
        ) : null}
        <dt>List</dt>
        <dd>
          {list.source}, {ageOf(list.ageMs)} old when matched
        </dd>
        {wanted.originatingAgency ? (
          <>
            <dt>Originating agency</dt>
            <dd>{wanted.originatingAgency}</dd>
          </>
        ) : null}
        <dt>Camera</dt>
        <dd>
          {read.cameraId}, {read.direction}
        </dd>
        <dt>Captured</dt>
        <dd>
          <time class="digits">{momentOf(read.capturedAtMs)}</time>
        </dd>
        <dt>Read from</dt>
        <dd>
          {read.frameCount} frames
          {read.plate ? (
            <>
              {' '}
              as <span class="plate">{read.plate}</span>
            </>
          ) : null}
        </dd>
        <dt>Other sightings</dt>
        <dd>{sightingsOf(alert)}</dd>
        {hit?.verified ? (
          <>
            <dt>Verified by</dt>
            <dd>
              {hit.verified.by}, {clockOf(hit.verified.atMs)}
            </dd>
          </>
        ) : null}
        {hit?.status ? (
          <>
            <dt>Status</dt>
            <dd>
              {hit.status.active ? 'active' : 'NOT active'} at {hit.status.source.toUpperCase()},{' '}
              {clockOf(hit.status.atMs)}
            </dd>
          </>
        ) : null}
      </dl>
    </section>
  );
}

function describe(vehicle: AlertView['wanted']['vehicle']): string {
  const parts = [vehicle?.year, vehicle?.colour, vehicle?.make, vehicle?.model, vehicle?.type].filter(Boolean);
  return parts.length > 0 ? titleOf(parts.join(' ')) : 'not described';
}
