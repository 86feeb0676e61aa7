import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Answer, get, type Problem, send, sessionEnded } from './api/client.js';
import type { Banner, SecondFactor, SessionView, WhyNot, Words } from './api/views.js';

export const session = signal<SessionView | null>(null);
export const banner = signal<Banner | null>(null);
export const words = signal<Words | null>(null);
/** The first questions to the server have an answer. */
export const started = signal(false);

const roles = computed(() => new Set(session.value?.roles ?? []));

export function hasRole(...names: readonly string[]): boolean {
  return names.some((name) => roles.value.has(name));
}

/** Why this person may not do it, or `null`: the gates' own answer, not a guess of the page. */
export function whyNot(rule: string): WhyNot | null {
  return session.value?.can[rule] ?? null;
}

export function may(...rules: readonly string[]): boolean {
  const can = session.value?.can ?? {};
  return rules.some((rule) => Object.hasOwn(can, rule) && can[rule] === null);
}

sessionEnded.subscribe((problem) => {
  if (problem !== null) session.value = null;
});

export async function refreshSession(): Promise<Answer<SessionView>> {
  const answer = await get<SessionView>('/api/session');
  if (!answer.ok) return answer;
  // Screens are drawn from the policy's words: have them first.
  if (words.value === null) {
    const spoken = await get<Words>('/api/policy/words');
    if (!spoken.ok) return spoken;
    words.value = spoken.value;
  }
  sessionEnded.value = null;
  session.value = answer.value;
  return answer;
}

const keptOutEveryMs = 5_000;

/** Somebody is kept out for now: asks again and again whether that is over, because no feed tells them. */
export function useWaitForAccess(keptOut: boolean): void {
  useEffect(() => {
    if (!keptOut) return;
    const timer = setInterval(() => void refreshSession(), keptOutEveryMs);
    return () => clearInterval(timer);
  }, [keptOut]);
}

export async function refreshBanner(): Promise<Problem | null> {
  const answer = await get<Banner>('/api/banner');
  if (answer.ok) banner.value = answer.value;
  return answer.ok ? null : answer.problem;
}

export async function start(): Promise<void> {
  const closed = refreshBanner();
  await refreshSession();
  // Nobody has signed in yet: no reason to say that a session has ended.
  sessionEnded.value = null;
  started.value = true;
  // But say it when nobody can.
  sessionEnded.value ??= await closed;
}

export interface LoginInput {
  readonly userId: string;
  readonly password: string;
  readonly factor: SecondFactor;
  readonly replace?: boolean;
}

export async function signIn(input: LoginInput): Promise<Problem | null> {
  const answer = await send<unknown>('/api/session', { ...input, acknowledgedBanner: true });
  if (!answer.ok) return answer.problem;
  const view = await refreshSession();
  return view.ok ? null : view.problem;
}

/** Ends the session here and on the server, and says why on the sign-in screen. */
export async function signOut(why: Problem | null = null): Promise<void> {
  await send('/api/session', {}, 'DELETE');
  session.value = null;
  sessionEnded.value = why;
  await refreshBanner();
}
