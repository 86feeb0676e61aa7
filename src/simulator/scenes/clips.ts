import { readFileSync } from 'node:fs';
import { packagePath } from '../../package_root.js';
import type { SceneTruth } from './truth.js';

/** The clips in `assets/clips`: H.264 in MP4, each with its truth beside it. */
export const clipNames = [
  'demo-day',
  'demo-night',
  'demo-rain',
  'empty-road',
  'plate-100',
  'plate-20',
  'two-line',
  'multi-state',
] as const;

export type ClipName = (typeof clipNames)[number];

/** The absolute path of a committed clip. */
export function clipPath(name: ClipName): string {
  return packagePath('assets', 'clips', `${name}.mp4`);
}

/** What a committed clip shows, frame by frame. */
export function clipTruth(name: ClipName): SceneTruth {
  return JSON.parse(readFileSync(packagePath('assets', 'clips', `${name}.truth.json`), 'utf8')) as SceneTruth;
}

/** The hot list of the demo: invented plates, some of which drive through the demo clips. */
export function demoHotListPath(): string {
  return packagePath('assets', 'demo', 'hot-list.csv');
}
