import { strict as assert } from 'node:assert';
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer } from '../../src/data/answer.js';
import type { ReadReport } from '../../src/data/read.js';
import { packagePath } from '../../src/package_root.js';
import type { BusChildOptions } from './bus_child.js';
import type { Suite } from './suite.js';
import { until } from './until.js';

/** A bus as its contract sees it: engines in processes of their own, control here. */
export interface BusUnderTest {
  readonly redisUrl: string | null;
  /** Opens control's end. `onReport` resolves when what it answers is durable. */
  openControl(onReport: (report: ReadReport) => Promise<Answer>): ControlEnd;
}

interface ControlEnd {
  /** Tells control of an engine process; over Redis it needs no telling. */
  attach(child: ChildProcess): void;
  close(): Promise<void>;
}

/** An engine process: what it said is safe, and whether it has told everything. */
export interface BusEngine {
  readonly child: ChildProcess;
  safe(): ReadonlySet<string>;
  told(): boolean;
  end(signal: NodeJS.Signals): Promise<void>;
}

export function startBusEngine(options: BusChildOptions): BusEngine {
  const child = fork(packagePath('dist', 'test', 'support', 'bus_child.js'), [JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  let said = '';
  child.stdout?.on('data', (chunk) => (said += chunk));
  const lines = () => said.split('\n');
  return {
    child,
    safe: () =>
      new Set(
        lines()
          .filter((line) => line.startsWith('safe '))
          .map((line) => line.slice(5)),
      ),
    told: () => lines().includes('told'),
    async end(signal) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await gone;
      }
    },
  };
}

/** What control took, camera by camera, in the order of taking. */
export class Taken {
  readonly byCamera = new Map<string, string[]>();

  readonly take = async ({ read }: ReadReport): Promise<Answer> => {
    // Durable takes a moment; the next of the camera must not overtake it.
    await new Promise((resolve) => setImmediate(resolve));
    const list = this.byCamera.get(read.cameraId) ?? [];
    list.push(read.plate.slice(1));
    this.byCamera.set(read.cameraId, list);
    return 'kept';
  };

  count(): number {
    return [...this.byCamera.values()].reduce((sum, list) => sum + list.length, 0);
  }

  has(name: string): boolean {
    const [camera = '', number = ''] = name.split(' ');
    return this.byCamera.get(camera)?.includes(number) ?? false;
  }

  /** Each first time of a report comes after those of all lower numbers that came. */
  assertInOrder(): void {
    for (const [camera, list] of this.byCamera) {
      const firsts = [...new Set(list)].map(Number);
      assert.deepEqual(
        firsts,
        [...firsts].sort((a, b) => a - b),
        `order of ${camera}`,
      );
    }
  }
}

const cameras = ['north', 'south', 'west'];

/** What every bus must do; the suite is given by the bus's own test. */
export function testBus({ test }: Suite, name: string, open: () => Promise<BusUnderTest>): void {
  const options = (bus: BusUnderTest, change: Partial<BusChildOptions>, spoolFolder: string): BusChildOptions => ({
    redisUrl: bus.redisUrl,
    run: `test-${Date.now().toString(36)}`,
    spoolFolder,
    cameras,
    from: 1,
    to: 201,
    everyMs: 2,
    ...change,
  });

  test(`${name}: every report arrives once, those of a camera in order, and is acknowledged`, async () => {
    await withSpool(async (spoolFolder) => {
      const bus = await open();
      const taken = new Taken();
      const control = bus.openControl(taken.take);
      const engine = startBusEngine(options(bus, {}, spoolFolder));
      control.attach(engine.child);
      await until('everything is told', () => engine.told());
      for (const camera of cameras) {
        assert.deepEqual(
          taken.byCamera.get(camera)?.map(Number),
          Array.from({ length: 200 }, (_, i) => i + 1),
        );
      }
      await engine.end('SIGTERM');
      await control.close();
    });
  });

  test(`${name}: control and then the engine go away and come back: nothing safe is lost, order is kept`, async () => {
    await withSpool(async (spoolFolder) => {
      const bus = await open();
      const taken = new Taken();
      const first = bus.openControl(taken.take);
      const run = `test-${Date.now().toString(36)}`;
      const engine = startBusEngine(options(bus, { run, to: 401 }, spoolFolder));
      first.attach(engine.child);
      await until('some arrive', () => taken.count() > 60);
      await first.close();
      // A channel between processes ends with control: what nobody answered is on disk. A bus goes on.
      if (bus.redisUrl === null) await engine.end('SIGTERM');
      else await until('more are made', () => engine.safe().size > taken.count() + 30);
      const second = bus.openControl(taken.take);
      if (bus.redisUrl !== null) await until('more arrive', () => taken.count() > 150);
      await engine.end('SIGKILL');
      const safe = engine.safe();
      const again = startBusEngine(options(bus, { run: `${run}z`, from: 401, to: 421 }, spoolFolder));
      second.attach(again.child);
      await until('everything is told', () => again.told());
      const missing = () => [...safe].filter((one) => !taken.has(one));
      await until(`what was safe is taken; missing ${missing().slice(0, 5).join(', ')}`, () => missing().length === 0);
      taken.assertInOrder();
      await again.end('SIGTERM');
      await second.close();
    });
  });
}

async function withSpool(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-bus-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
