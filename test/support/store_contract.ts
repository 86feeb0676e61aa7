import * as assert from 'uvu/assert';
import { ManualClock } from '../../src/observe/clock.js';
import { criteriaSchema } from '../../src/store/criteria.js';
import { type StoreSettings, storeSettings } from '../../src/store/settings.js';
import { openStore, type Store } from '../../src/store/store.js';
import { found, payloads, registry, scratchFolder, someRead, testReceipt } from './store_fixtures.js';
import type { Suite } from './suite.js';

const startMs = Date.UTC(2026, 9, 10, 12);
/** What every bulk store promises, whatever carries its queries. `url` is known once the suite runs. */
export function storeContract(
  { test, before, after }: Suite,
  url: () => Promise<string>,
): { store: () => Store; clock: ManualClock } {
  const clock = new ManualClock(startMs);
  const scratch = scratchFolder();
  let opened: Store;
  before(async () => {
    const settings: StoreSettings = storeSettings.parse({ url: await url(), batch: { ageMsMax: 50 } });
    const result = await openStore(settings, { clock, dataDir: scratch.path, cameraRegistry: registry });
    if (!result.ok) throw new Error(result.error);
    opened = result.value;
    const appends: Promise<void>[] = [];
    for (let i = 0; i < 60; i += 1) {
      const camera = ['north', 'south', 'east'][i % 3] as string;
      appends.push(opened.append(someRead(i, `ZQ${100 + i}K`, startMs - i * 60_000, { camera })));
      if (i < 9)
        appends.push(
          opened.append(
            someRead(1000 + i, 'WX900V', startMs - i * 60_000 + 2_000, {
              camera,
              state: 'NH',
              alternatives: [
                { text: 'WX900V', confidence: 0.9 },
                { text: 'WX9OOV', confidence: 0.05 },
              ],
            }),
          ),
        );
    }
    await Promise.all(appends);
    assert.ok(await opened.flush(120_000));
  });
  after(async () => {
    await opened?.close();
    scratch.remove();
  });

  const count = async (criteria: object) => {
    const { rows, end } = await found(opened, { kind: 'reads', ...criteria });
    assert.is(end.kind, 'end', end.kind === 'failed' ? end.message : '');
    return rows.length;
  };

  test('a read is found by plate, with camera, place, time, images and digest [III.I]', async () => {
    const { rows, end } = await found(opened, { kind: 'reads', plate: 'ZQ103K' });
    const [read] = rows;
    assert.ok(read?.kind === 'read' && end.kind === 'end' && end.complete);
    assert.equal(
      [read.readId, read.cameraId, read.capturedAtMs, read.position],
      ['boot-north-3', 'north', startMs - 180_000, { latitude: 42.35, longitude: -71.1 }],
    );
    assert.match(read.evidenceDigest, /^[0-9a-f]{24}$/);
    assert.ok(read.image);
    const image = await opened.image(testReceipt, read.image, 'plate');
    assert.ok(image.ok && Buffer.from(image.value).toString().startsWith('crop 3 '));
  });
  test('partial, wildcard, look-alike, alternative, list, state, camera and area searches find what they say [IV.A.5]', async () => {
    assert.is(await count({ wildcard: 'WX9*' }), 9);
    assert.is(await count({ wildcard: 'ZQ1?3K' }), 6);
    assert.is(await count({ plate: 'WX9O0V' }), 0);
    assert.is(await count({ plate: 'WX9O0V', ocrEquivalents: true }), 9);
    assert.is(await count({ wildcard: 'VX9O*', ocrEquivalents: true }), 0);
    assert.is(await count({ plate: 'WX9OOV', alternatives: true }), 9);
    assert.is(await count({ plates: ['ZQ100K', 'ZQ101K', 'ZQ999K'] }), 2);
    assert.is(await count({ plate: 'WX900V', state: 'MA' }), 0);
    assert.is(await count({ plate: 'WX900V', cameras: ['north'] }), 3);
    assert.is(await count({ plate: 'WX900V', area: { latitude: 42.35, longitude: -71.1, radiusMetres: 100 } }), 9);
    assert.is(await count({ plate: 'WX900V', area: { south: 1, west: 1, north: 2, east: 2 } }), 0);
    assert.is(await count({ plate: 'WX900V', fromMs: startMs, toMs: startMs + 60_000 }), 1);
  });
  test('pages join to the whole, in both orders, and each says whether it is the last', async () => {
    for (const order of ['newest', 'oldest']) {
      const ids: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await found(opened, {
          kind: 'reads',
          wildcard: 'ZQ1*',
          pageRows: 7,
          order,
          ...(cursor && { cursor }),
        });
        assert.ok(page.end.kind === 'end');
        assert.is(page.end.complete, page.end.cursor === null);
        for (const row of page.rows) if (row.kind === 'read') ids.push(row.readId);
        cursor = page.end.cursor;
      } while (cursor);
      assert.is(ids.length, 60);
      assert.is(new Set(ids).size, 60);
    }
  });
  test('counts, first and last seen, and company on the road', async () => {
    const { rows: plates } = await found(opened, { kind: 'plates', plate: 'WX900V' });
    assert.equal(plates, [
      {
        kind: 'plate',
        plate: 'WX900V',
        firstSeenMs: startMs - 478_000,
        lastSeenMs: startMs + 2_000,
        reads: 9,
        cameras: 3,
        states: ['NH'],
      },
    ]);
    const { rows: hours } = await found(opened, {
      kind: 'hours',
      fromMs: startMs - 7_200_000,
      toMs: startMs + 3_600_000,
    });
    assert.is(
      hours.reduce((sum, row) => sum + (row.kind === 'hour' ? row.reads : 0), 0),
      69,
    );
    const { rows: company, end } = await found(opened, {
      kind: 'co_travel',
      plate: 'WX900V',
      withinSeconds: 5,
      camerasMin: 2,
    });
    assert.equal([company.length, end.kind === 'end' && end.complete], [0, true]);
  });
  test('a payload in any field of any kind of search is refused or finds nothing; the table is still there [T4]', async () => {
    for (const payload of payloads) {
      for (const criteria of criteriaWith(payload)) {
        const { rows, end } = await found(opened, criteria);
        const crafted = 'cursor' in criteria && end.kind === 'end';
        assert.ok(crafted || end.kind === 'failed', JSON.stringify(criteria));
        assert.ok(rows.every((row) => row.kind === 'read' && row.plate === 'WX900V'));
      }
    }
    assert.is(await count({ plate: 'WX900V' }), 9);
  });
  test('a search without enough of a plate must be bounded in time [IV.A.5]', async () => {
    for (const criteria of [{}, { wildcard: 'W*' }, { wildcard: '*' }, { fromMs: 0, toMs: startMs }]) {
      const { rows, end } = await found(opened, { kind: 'reads', ...criteria });
      assert.equal([rows.length, end.kind === 'failed' && end.code], [0, 'WINDOW_REQUIRED']);
    }
  });
  test('a read told twice is stored once', async () => {
    await opened.append(someRead(3, 'ZQ103K', startMs - 180_000));
    await opened.flush(120_000);
    assert.is(await count({ plate: 'ZQ103K' }), 1);
  });
  test('company is who was within the seconds at the very cameras, over the edge of ten minutes too', async () => {
    const tenMinutes = 600_000;
    const edge = Math.floor((startMs - 18_000_000) / tenMinutes) * tenMinutes;
    const passes = { north: edge + 2_000, south: edge + tenMinutes + 2_000 };
    const pass = (plate: string, number: number, shiftMs: number, there = passes) =>
      Object.entries(there).map(([camera, atMs], i) => someRead(number + i, plate, atMs + shiftMs, { camera }));
    const reads = [
      ...pass('CT100A', 9100, 0),
      ...pass('CT200B', 9110, -5_000),
      ...pass('CT300C', 9120, 5_000),
      ...pass('CT400D', 9130, -5_001),
      ...pass('CT500E', 9140, 5_001),
      ...pass('CT600F', 9150, 0, { north: passes.south, south: passes.north }),
    ];
    await Promise.all(reads.map((read) => opened.append(read)));
    assert.ok(await opened.flush(120_000));
    const asked = { kind: 'co_travel', plate: 'CT100A', withinSeconds: 5 };
    const { rows } = await found(opened, asked);
    assert.equal(
      rows.map((row) => row.kind === 'company' && [row.plate, row.cameras, row.reads]),
      [
        ['CT200B', 2, 2],
        ['CT300C', 2, 2],
      ],
    );
  });
  return { store: () => opened, clock };
}

/** Every field that any kind of search has, each in turn with the payload in it; places within an area and a cursor too. */
function criteriaWith(payload: string): object[] {
  const within = (field: string): unknown[] => [
    payload,
    [payload],
    { [payload]: payload },
    ...(field === 'area'
      ? [
          { latitude: payload, longitude: 0, radiusMetres: 1 },
          { latitude: 0, longitude: payload, radiusMetres: 1 },
          { latitude: 0, longitude: 0, radiusMetres: payload },
          ...['south', 'west', 'north', 'east'].map((side) => ({
            south: 1,
            west: 1,
            north: 2,
            east: 2,
            [side]: payload,
          })),
          {
            polygon: [
              [1, 1],
              [2, 1],
              [2, payload],
            ],
          },
        ]
      : []),
    ...(field === 'cursor'
      ? [cursorOf([startMs, payload, payload, 1]), cursorOf([payload, 'north', 'boot', payload])]
      : []),
  ];
  return criteriaSchema.options.flatMap(({ shape }) => {
    const kind = [...shape.kind.values][0] as string;
    const fields = [...Object.keys(shape), '__proto__', 'constructor', payload];
    return fields.flatMap((field) =>
      within(field).map((value) => {
        const { plate: _plate, ...others } = { kind, plate: 'WX900V' };
        const named = field === 'wildcard' || field === 'plates' ? others : { kind, plate: 'WX900V' };
        return Object.defineProperty({ ...named }, field, {
          value,
          enumerable: true,
          writable: true,
          configurable: true,
        });
      }),
    );
  });
}

const cursorOf = (parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
