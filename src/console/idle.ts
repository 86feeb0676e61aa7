import { clockOffsetMs } from './feed/feed.js';
import { refreshSession, session, signOut, words } from './session.js';

const lookEveryMs = 1_000;
const minuteMs = 60_000;

/**
 * Locks the page when nobody has touched it for as long as the policy allows [IV.C.2.a]. The server ends the session by itself; this also
 * covers what the page does without a person: a picture that loads by itself is no sign of life.
 *
 * @returns how to stop.
 */
export function watchIdle(): () => void {
  let touchedAtMs = Date.now();
  let toldAtMs = Date.now();
  const touch = () => {
    touchedAtMs = Date.now();
  };
  for (const sign of signsOfLife) addEventListener(sign, touch, { passive: true, capture: true });

  const timer = setInterval(() => {
    const view = session.value;
    if (view === null) return;
    const idleMs = (words.value?.numbers['sessionIdleMinutes'] ?? 30) * minuteMs;
    const nowMs = Date.now();
    if (nowMs - touchedAtMs >= idleMs) return void signOut(locked);
    // Somebody reads without asking anything: say so, at most once a minute.
    if (touchedAtMs > toldAtMs && nowMs - toldAtMs > minuteMs) {
      toldAtMs = nowMs;
      void fetch('/api/session', { method: 'HEAD', cache: 'no-store' });
    }
    if (nowMs + clockOffsetMs.value > view.idleEndsAtMs || nowMs + clockOffsetMs.value > view.endsAtMs)
      void refreshSession();
  }, lookEveryMs);

  return () => {
    clearInterval(timer);
    for (const sign of signsOfLife) removeEventListener(sign, touch, { capture: true });
  };
}

const signsOfLife = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;
const locked = {
  status: 401,
  code: 'SESSION_EXPIRED',
  clause: 'IV.C.2.a',
  detail: 'Locked because nobody used this page for a while. Sign in again; nothing is lost.',
};
