/** Times, ages and shares as people read them; one place, so that every screen says them alike. */

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });

export function clockOf(ms: number): string {
  return clock.format(ms);
}

export function dayOf(ms: number): string {
  return day.format(ms);
}

export function momentOf(ms: number): string {
  return `${day.format(ms)}, ${clock.format(ms)}`;
}

/** `45 s`, `12 min`, `3 h`, `5 days`. */
export function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** A whole percentage that never claims certainty: 99.7 % is "over 99 %". */
export function chanceOf(share: number): string {
  if (share > 0.99) return 'over 99 %';
  if (share < 0.01) return 'under 1 %';
  return `${Math.round(share * 100)} %`;
}

/** `stolen_vehicle` -> `Stolen vehicle`. */
export function titleOf(word: string): string {
  const plain = word.replaceAll('_', ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** For `<input type="datetime-local">`, in local time. */
export function localInputOf(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

export function fromLocalInput(text: string): number {
  return new Date(text).getTime();
}
