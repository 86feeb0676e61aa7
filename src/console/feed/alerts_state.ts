import { batch, computed, signal } from '@preact/signals';
import { get } from '../api/client.js';
import type { AlertView, HitView } from '../api/views.js';
import { refreshSession } from '../session.js';
import { mergeAlerts } from './alert_list.js';
import { clockOffsetMs, type FeedMessage, openFeed } from './feed.js';
import { playFor } from './sound.js';

/** How many alerts the page keeps; older ones are asked for when they are wanted. */
const keptMax = 400;
const firstPage = 200;
/** Three heartbeats of the server's ten seconds are missing. */
const staleAfterMs = 31_000;

/** Newest first, each once. */
export const alerts = signal<readonly AlertView[]>([]);
const latestSequence = signal(0);
/** Alerts that came while the page was open and nobody has looked at yet. */
export const fresh = signal<ReadonlySet<number>>(new Set());
export const dutiesDue = signal<number | null>(null);
export const feedProblem = signal<{ readonly code: string; readonly detail: string } | null>(null);

/** Waits for a person; a canary, which the program sends itself, never does. */
export function isOpen(alert: AlertView): boolean {
  if (alert.canary) return false;
  return alert.hit === null ? alert.verification === 'unverified' : alert.hit.closed === null;
}

const openCount = computed(() => alerts.value.filter(isOpen).length);
/** How many wait for a person, in words: with a `+` where the page does not keep all there are; `null` when none does. */
export const openLabel = computed(() => {
  if (openCount.value === 0) return null;
  return `${openCount.value}${alerts.value.length < keptMax ? '' : '+'}`;
});

function keep(incoming: readonly AlertView[]): void {
  alerts.value = mergeAlerts(alerts.value, incoming, keptMax);
  latestSequence.value = Math.max(latestSequence.value, ...incoming.map((one) => one.sequence));
}

function applyHits(hits: readonly HitView[]): void {
  const byAlert = new Map(hits.map((hit) => [hit.alertId, hit]));
  alerts.value = alerts.value.map((alert) => {
    const hit = byAlert.get(alert.id);
    return hit ? { ...alert, hit, hitId: hit.hitId } : alert;
  });
  // What was withheld until the hit was verified is told now.
  for (const hit of hits) if (hit.verified !== null || hit.closed !== null) void refreshAlert(hit.alertId);
}

export async function refreshAlert(alertId: string): Promise<void> {
  const answer = await get<AlertView>(`/api/alerts/${encodeURIComponent(alertId)}`);
  if (answer.ok) keep([answer.value]);
}

/** One pass over everything since the last frame: one change of the list, one sound. */
function receive(messages: readonly FeedMessage[]): void {
  const incoming = messages.filter((m) => m.event === 'alert').map((m) => m.data as AlertView);
  const unknown = incoming.filter((one) => one.sequence > latestSequence.value && !one.canary);
  batch(() => {
    if (incoming.length > 0) keep(incoming);
    if (unknown.length > 0)
      fresh.value = new Set([...fresh.value, ...unknown.map((one) => one.sequence)].slice(-keptMax));
    const hits = messages.filter((m) => m.event === 'hit').map((m) => m.data as HitView);
    if (hits.length > 0) applyHits(hits);
    for (const message of messages) hear(message);
  });
  const loudest = unknown.at(-1);
  if (loudest) playFor(loudest.category);
}

function hear({ event, data }: FeedMessage): void {
  switch (event) {
    case 'heartbeat':
      clockOffsetMs.value = (data as { nowMs: number }).nowMs - Date.now();
      return;
    case 'system':
      void refreshSession();
      return;
    case 'duties':
      dutiesDue.value = (data as { due: number }).due;
      return;
    case 'bye':
      feedProblem.value = data as { code: string; detail: string };
      void refreshSession();
  }
}

export function looked(sequence: number): void {
  if (!fresh.value.has(sequence)) return;
  const left = new Set(fresh.value);
  left.delete(sequence);
  fresh.value = left;
}

interface Page {
  readonly items: readonly AlertView[];
  readonly lastSequence: number;
}

/** What is there already, then the live feed from exactly there. @returns how to stop. */
export function watchAlerts(): () => void {
  let close: (() => void) | null = null;
  let over = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  alerts.value = [];
  latestSequence.value = 0;
  fresh.value = new Set();

  async function begin(): Promise<void> {
    const page = await get<Page>(`/api/views/alerts?state=all&order=newest&limit=${firstPage}`);
    if (over) return;
    if (!page.ok) {
      feedProblem.value = page.problem;
      retry = setTimeout(begin, 3000);
      return;
    }
    feedProblem.value = null;
    keep(page.value.items);
    latestSequence.value = Math.max(latestSequence.value, page.value.lastSequence);
    close = openFeed(page.value.lastSequence, {
      address: (after) => `/api/alerts?after=${after}`,
      events: ['alert', 'hit', 'heartbeat', 'system', 'duties', 'bye'],
      staleAfterMs,
      onMessages: receive,
      onClosed: () => void refreshSession(),
    });
  }

  void begin();
  return () => {
    over = true;
    clearTimeout(retry);
    close?.();
  };
}
