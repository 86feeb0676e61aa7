import type { CameraPose } from './camera_view.js';
import type { Colour } from './picture.js';
import type { Drive, SceneSpec } from './scene_spec.js';
import type { Street } from './street.js';

/** The clips that the demo, the tests and the bench play. Every plate is invented. */

const colours = {
  white: [214, 216, 218],
  silver: [158, 163, 168],
  black: [34, 36, 40],
  grey: [92, 97, 102],
  red: [150, 26, 30],
  blue: [34, 66, 128],
  green: [38, 84, 62],
  sand: [176, 160, 130],
} as const satisfies Record<string, Colour>;

const twoLanes: Street = { seed: 41, lanes: 2, laneWidthM: 3.4, twoWay: true, buildings: true };
const oneWay: Street = { seed: 112, lanes: 2, laneWidthM: 3.4, twoWay: false, buildings: true };
const suburb: Street = { seed: 907, lanes: 2, laneWidthM: 3.4, twoWay: true, buildings: false };

const kerbPole: CameraPose = { heightM: 2.7, offsetM: 0, pitchDownDeg: 10, yawDeg: 0, horizontalViewDeg: 40 };
const gantry: CameraPose = { heightM: 4.2, offsetM: 0.4, pitchDownDeg: 17, yawDeg: -2, horizontalViewDeg: 34 };
const steep: CameraPose = { heightM: 4.6, offsetM: 0, pitchDownDeg: 27, yawDeg: 0, horizontalViewDeg: 34 };

const hd = { width: 1280, height: 720, fps: 12, crf: 28 } as const;
const fullHd = { width: 1920, height: 1080, fps: 10, crf: 30 } as const;

/** A drive towards the camera starts far off and ends behind it; away is the reverse. */
function towards(drive: Omit<Drive, 'direction' | 'startM'> & { startM?: number }): Drive {
  return { startM: 44, ...drive, direction: 'towards' };
}

function away(drive: Omit<Drive, 'direction' | 'startM'> & { startM?: number }): Drive {
  return { startM: 0.5, ...drive, direction: 'away' };
}

export const sceneSpecs: readonly SceneSpec[] = [
  {
    ...hd,
    name: 'demo-day',
    about: 'a two-way street by day: cars, a van and a motorcycle, both directions',
    seed: 1,
    frames: 252,
    weather: 'day',
    camera: kerbPole,
    street: twoLanes,
    drives: [
      towards({
        vehicle: 'sedan',
        paint: colours.blue,
        design: 'us-ma-passenger',
        plate: '7KDX48',
        lane: -1.7,
        startS: 0.3,
        speedMps: 9,
      }),
      away({
        vehicle: 'suv',
        paint: colours.silver,
        design: 'us-ma-passenger',
        plate: '52H716',
        lane: 1.7,
        startS: 3.2,
        speedMps: 8,
      }),
      towards({
        vehicle: 'hatchback',
        paint: colours.red,
        design: 'us-ma-passenger',
        plate: '839TW6',
        lane: -1.6,
        startS: 5.6,
        speedMps: 10,
        turnDeg: 1.5,
      }),
      away({
        vehicle: 'motorcycle',
        paint: colours.green,
        design: 'us-ma-motorcycle',
        plate: '2K|739',
        lane: 1.5,
        startS: 9,
        speedMps: 6,
      }),
      towards({
        vehicle: 'van',
        paint: colours.white,
        design: 'us-ny-passenger',
        plate: 'KVB4826',
        lane: -1.75,
        startS: 10.2,
        speedMps: 8,
      }),
      away({
        vehicle: 'sedan',
        paint: colours.black,
        design: 'us-ma-passenger',
        plate: '6BF391',
        lane: 1.75,
        startS: 14.2,
        speedMps: 9,
      }),
    ],
  },
  {
    ...hd,
    name: 'demo-night',
    about: 'the same kind of street at night with an infra-red camera and headlight glare',
    seed: 2,
    frames: 204,
    weather: 'night',
    camera: { ...kerbPole, offsetM: 0.6, yawDeg: -3 },
    street: { ...twoLanes, seed: 58 },
    drives: [
      towards({
        vehicle: 'suv',
        paint: colours.grey,
        design: 'us-ma-passenger',
        plate: '4TRN82',
        lane: -1.6,
        startS: 0.3,
        speedMps: 9,
      }),
      away({
        vehicle: 'sedan',
        paint: colours.silver,
        design: 'us-ma-passenger',
        plate: '91G548',
        lane: 1.9,
        startS: 4,
        speedMps: 8,
      }),
      towards({
        vehicle: 'sedan',
        paint: colours.white,
        design: 'us-ct-passenger',
        plate: 'BX48173',
        lane: -1.7,
        startS: 6.2,
        speedMps: 8,
      }),
      away({
        vehicle: 'van',
        paint: colours.white,
        design: 'us-ma-passenger',
        plate: '263HN7',
        lane: 1.9,
        startS: 11,
        speedMps: 9,
      }),
    ],
  },
  {
    ...hd,
    name: 'demo-rain',
    about: 'a wet road under a grey sky, a camera on a gantry',
    seed: 3,
    frames: 204,
    weather: 'rain',
    camera: gantry,
    street: { ...oneWay, seed: 64 },
    drives: [
      towards({
        vehicle: 'hatchback',
        paint: colours.sand,
        design: 'us-ma-passenger',
        plate: '3ZP657',
        lane: -1.7,
        startS: 0.3,
        speedMps: 10,
      }),
      towards({
        vehicle: 'sedan',
        paint: colours.black,
        design: 'us-ma-passenger',
        plate: '8F64JK',
        lane: 1.7,
        startS: 3,
        speedMps: 9,
      }),
      towards({
        vehicle: 'van',
        paint: colours.blue,
        design: 'us-nh-passenger',
        plate: '4583926',
        lane: -1.7,
        startS: 6.8,
        speedMps: 9,
      }),
      towards({
        vehicle: 'suv',
        paint: colours.red,
        design: 'us-ma-passenger',
        plate: '715MRK',
        lane: 1.6,
        startS: 10,
        speedMps: 10,
        turnDeg: -2,
      }),
    ],
  },
  {
    ...hd,
    name: 'empty-road',
    about: 'nobody comes: nothing must be read',
    seed: 4,
    frames: 96,
    weather: 'day',
    camera: kerbPole,
    street: suburb,
    drives: [],
  },
  {
    ...fullHd,
    name: 'plate-100',
    about: 'slow dense traffic: every frame holds a plate',
    seed: 5,
    frames: 80,
    weather: 'day',
    camera: { ...gantry, pitchDownDeg: 15 },
    street: oneWay,
    drives: queue(['5RKD73', '48N265', '617GVB', '2CX984', '96T317', '374WE8']),
  },
  {
    ...fullHd,
    name: 'plate-20',
    about: 'light traffic: one frame in five holds a plate',
    seed: 6,
    frames: 100,
    weather: 'day',
    camera: steep,
    street: { ...oneWay, buildings: false },
    drives: [
      towards({
        vehicle: 'sedan',
        paint: colours.silver,
        design: 'us-ma-passenger',
        plate: '9HTC61',
        lane: 0,
        startS: 2,
        speedMps: 7.5,
        startM: 24,
      }),
      towards({
        vehicle: 'suv',
        paint: colours.green,
        design: 'us-ma-passenger',
        plate: '67K482',
        lane: 0.4,
        startS: 5.6,
        speedMps: 7.3,
        startM: 24,
      }),
    ],
  },
  {
    ...hd,
    name: 'two-line',
    about: 'plates with two lines: motorcycles and square European and Brazilian plates',
    seed: 7,
    frames: 168,
    weather: 'day',
    camera: { ...kerbPole, heightM: 2.3, pitchDownDeg: 9, horizontalViewDeg: 27 },
    street: { ...suburb, seed: 233 },
    drives: [
      away({
        vehicle: 'motorcycle',
        paint: colours.red,
        design: 'br-mercosul-motorcycle',
        plate: 'RKT|4D86',
        lane: 0.8,
        startS: 0.3,
        speedMps: 5,
      }),
      away({
        vehicle: 'suv',
        paint: colours.black,
        design: 'eu-gb-yellow-square',
        plate: 'KV5|8HTR',
        lane: 1.2,
        startS: 4.2,
        speedMps: 8,
      }),
      away({
        vehicle: 'motorcycle',
        paint: colours.black,
        design: 'us-ny-motorcycle',
        plate: '86|KTD',
        lane: 0.6,
        startS: 6.8,
        speedMps: 4,
      }),
      away({
        vehicle: 'hatchback',
        paint: colours.white,
        design: 'br-grey-motorcycle',
        plate: 'HWN|3724',
        lane: 1,
        startS: 10.4,
        speedMps: 9,
      }),
    ],
  },
  {
    ...hd,
    name: 'multi-state',
    about: 'plates of many states, seen from the kerb at an angle, both directions',
    seed: 8,
    frames: 240,
    weather: 'day',
    camera: { heightM: 3.2, offsetM: 2.8, pitchDownDeg: 12, yawDeg: -11, horizontalViewDeg: 33.5 },
    street: { ...oneWay, seed: 318 },
    drives: [
      towards({
        vehicle: 'sedan',
        paint: colours.white,
        design: 'us-ny-passenger',
        plate: 'HRT6384',
        lane: -1.7,
        startS: 0.3,
        speedMps: 10,
      }),
      away({
        vehicle: 'suv',
        paint: colours.blue,
        design: 'us-ca-passenger',
        plate: '8KVN362',
        lane: 1.7,
        startS: 2.6,
        speedMps: 9,
      }),
      towards({
        vehicle: 'van',
        paint: colours.silver,
        design: 'us-tx-passenger',
        plate: 'TGX4857',
        lane: -1.7,
        startS: 5,
        speedMps: 10,
      }),
      away({
        vehicle: 'hatchback',
        paint: colours.red,
        design: 'us-fl-passenger',
        plate: 'KDGR57',
        lane: 1.7,
        startS: 7.6,
        speedMps: 9,
      }),
      towards({
        vehicle: 'suv',
        paint: colours.black,
        design: 'us-nj-passenger',
        plate: 'D46TWK',
        lane: -1.7,
        startS: 10,
        speedMps: 10,
      }),
      away({
        vehicle: 'sedan',
        paint: colours.green,
        design: 'us-vt-passenger',
        plate: 'HKB738',
        lane: 1.7,
        startS: 12.4,
        speedMps: 9,
      }),
    ],
  },
];

/** Cars one behind the other in two lanes, at walking pace. */
function queue(plates: readonly string[]): Drive[] {
  const kinds = ['sedan', 'suv', 'hatchback'] as const;
  const paints = [colours.white, colours.grey, colours.red, colours.blue, colours.silver, colours.black];
  return plates.map((plate, index) =>
    towards({
      vehicle: kinds[index % kinds.length]!,
      paint: paints[index]!,
      design: 'us-ma-passenger',
      plate,
      lane: index % 2 === 0 ? -1.7 : 1.7,
      startS: 0,
      startM: 9 + index * 4.2,
      speedMps: 2.4,
    }),
  );
}

export function findScene(name: string): SceneSpec | null {
  return sceneSpecs.find((spec) => spec.name === name) ?? null;
}
