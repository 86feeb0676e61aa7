import { minuteMs } from './world.js';

/** What somebody may do with a hit, one after another, in any order (T10). */
export type Step =
  | 'look'
  | 'wrong'
  | 'wrong state'
  | 'active'
  | 'inactive'
  | 'defer'
  | 'wait'
  | 'hand over'
  | 'close'
  | 'dismiss';
export const steps: readonly Step[] = [
  'look',
  'wrong',
  'wrong state',
  'active',
  'inactive',
  'defer',
  'wait',
  'hand over',
  'close',
  'dismiss',
];

export interface Wanted {
  readonly hitId: string;
  readonly plate: string;
  readonly state: string;
  readonly nowMs: number;
}

/** The command of a step; `wait` is none: two minutes pass, longer than the check is deferred. */
export function callOf(step: Step, { hitId, plate, state, nowMs }: Wanted): { action: string; input: object } | null {
  const typed = { hitId, typedPlate: plate, pickedState: state, shownAtMs: 0 };
  const status = { hitId, source: 'cjis', reference: 'txn-1' };
  const calls: Record<Step, [string, object] | null> = {
    look: ['hit.verify', typed],
    wrong: ['hit.verify', { ...typed, typedPlate: `${plate.slice(0, -1)}?` }],
    'wrong state': ['hit.verify', { ...typed, pickedState: state === 'NH' ? 'VT' : 'NH' }],
    active: ['hit.check_status', { ...status, active: true }],
    inactive: ['hit.check_status', { ...status, active: false }],
    defer: ['hit.defer', { hitId, why: 'later', dueMs: nowMs + minuteMs }],
    wait: null,
    'hand over': ['hit.hand_over', { hitId, note: 'for the next shift' }],
    close: ['hit.close', { hitId, disposition: 'acted_on', caseNo: '26-0200', note: 'done' }],
    dismiss: ['hit.close', { hitId, disposition: 'dismissed', note: 'no' }],
  };
  const call = calls[step];
  return call && { action: call[0], input: call[1] };
}

/** The rule in other words than the program's: what must have happened before a stop; handing over changes nothing of it. */
export function mayStop(played: readonly Step[]): boolean {
  let [seen, isActive, checked, closed] = [false, false, false, false];
  let deferral: 'none' | 'running' | 'late' = 'none';
  for (const step of played) {
    if (step === 'wait' && deferral === 'running') deferral = 'late';
    if (closed) continue;
    if (step === 'look') seen = true;
    if (['wrong', 'wrong state', 'inactive', 'dismiss'].includes(step)) closed = true;
    if (step === 'active') [isActive, checked] = [true, true];
    if (step === 'defer' && deferral === 'none') deferral = 'running';
    if (step === 'close' && seen && isActive) closed = true;
  }
  return !closed && seen && (isActive || (!checked && deferral === 'running'));
}
