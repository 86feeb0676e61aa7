import { strict as assert } from 'node:assert';
import { learnFromHits } from '../../src/cameras/trust.js';
import { CameraConfusion } from '../../src/match/camera_confusion.js';
import { hastyDisk, shippedPolicy, staffedWorld, type World } from '../policy/world.js';
import { suite } from '../support/suite.js';

const { test, before, after } = suite('what hits teach of cameras');
let world: World;
before(async () => {
  world = await staffedWorld(shippedPolicy, hastyDisk);
});
after(() => world.close());

test('a hit that a person found wrong lowers the trust in its camera, at once and after a restart [IV.A.8.a(1)]', async () => {
  const confusion = new CameraConfusion();
  const stop = learnFromHits(world.governance, world.ledger, confusion);
  for (let i = 0; i < 3; i++) {
    const hit = {
      alertId: `alert-${i}`,
      readId: `r${i}`,
      cameraId: 'blurred',
      entryId: 'e-1',
      category: 'stolen_vehicle',
    };
    const { id } = await world.did('SYS', 'hit.open', { ...hit, plate: '5SOW350', state: 'CA' });
    world.clock.advance(5000);
    const shownAtMs = world.clock.nowMs() - 3000;
    const typed = { hitId: id('hit'), typedPlate: '5SOW750', pickedState: 'CA', shownAtMs };
    const refused = await world.refused('op', 'hit.verify', typed);
    assert.equal(refused.code, 'PLATE_MISMATCH', refused.sentence);
  }
  stop();
  assert.ok(confusion.trust('blurred') < 0.5 && confusion.trust('another') === 1);
  const again = new CameraConfusion();
  learnFromHits(world.governance, world.ledger, again)();
  assert.equal(again.trust('blurred'), confusion.trust('blurred'));
});
