import { signal } from '@preact/signals';

/** A category's sound: notes in Hz, each so many milliseconds; distinct by ear, without words and without a file. */
interface Tune {
  readonly notes: readonly number[];
  readonly noteMs: number;
  readonly times: number;
}

const tunes: Readonly<Record<string, Tune>> = {
  amber_alert: { notes: [880, 1175, 1568], noteMs: 130, times: 3 },
  missing_child: { notes: [880, 1175, 1568], noteMs: 130, times: 2 },
  missing_person: { notes: [784, 988], noteMs: 180, times: 2 },
  warrant: { notes: [660, 523, 660], noteMs: 160, times: 1 },
  stolen_vehicle: { notes: [587, 784], noteMs: 170, times: 1 },
  stolen_plate: { notes: [784, 587], noteMs: 170, times: 1 },
  protective_order: { notes: [494, 494, 740], noteMs: 150, times: 1 },
  department_hot_list: { notes: [523, 659, 784], noteMs: 120, times: 1 },
};
const otherTune: Tune = { notes: [523], noteMs: 260, times: 2 };

export const muted = signal(false);
/** The browser plays nothing before the first key or click on the page. */
export const soundReady = signal(false);

let context: AudioContext | null = null;
let busyUntil = 0;

/** Called on the first key or click; the browser allows sound from then on. */
function unlockSound(): void {
  context ??= new AudioContext();
  void context.resume().then(() => {
    soundReady.value = context?.state === 'running';
  });
}

for (const gesture of ['pointerdown', 'keydown']) addEventListener(gesture, unlockSound, { once: true, capture: true });

function note(audio: AudioContext, hertz: number, at: number, seconds: number): void {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.type = 'triangle';
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.25, at + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + seconds);
}

/** Plays the category's sound; while one plays, further ones are left out: a burst is one noise, not two hundred. */
export function playFor(category: string): void {
  if (muted.value || context === null || context.state !== 'running') return;
  if (context.currentTime < busyUntil) return;
  const { notes, noteMs, times } = tunes[category] ?? otherTune;
  const seconds = noteMs / 1000;
  let at = context.currentTime + 0.02;
  for (let round = 0; round < times; round += 1) {
    for (const hertz of notes) {
      note(context, hertz, at, seconds);
      at += seconds;
    }
    at += seconds;
  }
  busyUntil = at;
}
