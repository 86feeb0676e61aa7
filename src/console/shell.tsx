import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { dutiesDue, openLabel, watchAlerts } from './feed/alerts_state.js';
import { feedState, heardAtMs } from './feed/feed.js';
import { muted, soundReady } from './feed/sound.js';
import { watchIdle } from './idle.js';
import { hrefOf, place } from './router.js';
import { screens } from './screens/screens.js';
import { hasRole, may, session, signOut, useWaitForAccess, whyNot } from './session.js';
import { nextTheme, theme } from './theme.js';
import { Brand, icons } from './ui/icons.js';
import { forgetPictures } from './ui/image_cache.js';
import { Tag } from './ui/notice.js';
import { ageOf } from './ui/words.js';

/** The frame around every screen: what must be seen at all times is here. */
export function Shell({ children }: { children: ComponentChildren }) {
  const [menuOpen, setMenuOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const mayAlerts = may('alerts');
  const mine = screens.filter((one) => one.shown());
  const here = mine.find((one) => one.id === place.value.screen) ?? mine[0];
  useEffect(() => (mayAlerts ? watchAlerts() : undefined), [mayAlerts]);
  useEffect(watchIdle, []);
  useEffect(() => () => forgetPictures(), []);
  useEffect(() => setMenuOpen(false), [place.value]);
  useEffect(() => {
    document.title = `${openLabel.value === null ? '' : `(${openLabel.value}) `}${here?.title ?? 'No access'} · platestream`;
  });
  return (
    <div class="shell">
      <button type="button" class="skip button" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class="bar">
        <button
          type="button"
          class="button tiny menu-button"
          aria-expanded={menuOpen}
          onClick={() => setMenuOpen(!menuOpen)}
        >
          Menu
        </button>
        <span class="brand">
          <Brand />
          <span>platestream</span>
        </span>
        {session.value?.demo ? <Tag tone="warn">DEMO</Tag> : null}
        {mayAlerts ? <FeedStateTag /> : null}
        {mayAlerts ? <SoundButton /> : null}
        <span class="space" />
        <ThemeButton />
        <Me />
      </header>
      <Strips />
      <nav class={`nav ${menuOpen ? 'open' : ''}`} aria-label="Screens">
        {mine.map((one) => (
          <a key={one.id} href={hrefOf(one.id)} aria-current={here?.id === one.id ? 'page' : undefined}>
            {icons[one.icon]}
            {one.title}
            {one.id === 'alerts' && openLabel.value !== null ? (
              <span class="count digits">{openLabel.value}</span>
            ) : null}
            {one.id === 'policy' && (dutiesDue.value ?? 0) > 0 ? (
              <span class="count digits">{dutiesDue.value}</span>
            ) : null}
          </a>
        ))}
      </nav>
      <main class="main" id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

const feedWords = { live: 'Live', connecting: 'Connecting…', stale: 'STALE', refused: 'No feed' } as const;

function FeedStateTag() {
  const state = feedState.value;
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 5000);
    return () => clearInterval(timer);
  }, []);
  const silentMs = Date.now() - heardAtMs.value;
  const silent = state === 'live' || silentMs < 15_000 ? '' : ` · nothing heard for ${ageOf(silentMs)}`;
  return (
    <span class={`feed-state ${state}`} role="status" data-feed={state}>
      {feedWords[state]}
      <span class="wide-only">{silent}</span>
    </span>
  );
}

function SoundButton() {
  const on = !muted.value;
  return (
    <button
      type="button"
      class={`button tiny ${on ? 'quiet' : 'grave'}`}
      aria-pressed={!on}
      onClick={() => (muted.value = on)}
    >
      {on ? (
        <span>
          Sound<span class="wide-only">{soundReady.value ? ' on' : ': press any key'}</span>
        </span>
      ) : (
        <span>
          MUTED<span class="wide-only">: no sound for alerts</span>
        </span>
      )}
    </button>
  );
}

function ThemeButton() {
  const names = { system: 'Auto', light: 'Light', dark: 'Dark' } as const;
  return (
    <button
      type="button"
      class="button tiny quiet theme"
      aria-label={`Colours: ${names[theme.value]}`}
      onClick={nextTheme}
    >
      ◐ <span class="wide-only">{names[theme.value]}</span>
    </button>
  );
}

function Me() {
  const view = session.value;
  if (view === null) return null;
  return (
    <>
      <a class="small wide-only" href={hrefOf('account')}>
        {view.name}
      </a>
      <button type="button" class="button tiny" onClick={() => void signOut()}>
        Sign out
      </button>
    </>
  );
}

/** What concerns everybody at once and may not be overlooked. */
function Strips() {
  const view = session.value;
  const why = whyNot('alerts');
  const untrained = why?.code.startsWith('TRAINING_') && hasRole('operator', 'supervisor') ? why : null;
  const silent = may('alerts') && feedState.value === 'stale';
  useWaitForAccess(view?.suspended != null || untrained !== null);
  return (
    <div class="strips">
      {view?.suspended ? (
        <p class="strip bad" role="alert">
          SUSPENDED by order {view.suspended.orderNo}: cameras are off, no plate is shown.
        </p>
      ) : null}
      {silent ? (
        <p class="strip bad" role="alert">
          The live feed is silent: alerts may be waiting. It reconnects by itself and shows what was missed.
        </p>
      ) : null}
      {untrained ? (
        <p class="strip warn" role="status">
          No plate is shown to you: {untrained.detail}.
        </p>
      ) : null}
    </div>
  );
}
