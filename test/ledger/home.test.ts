import { strict as assert } from 'node:assert';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerHome } from '../../src/governed/ledger_home.js';
import { ledgerSettings } from '../../src/ledger/settings.js';
import { suite } from '../support/suite.js';
import { must, removeFolder, temporaryFolder } from './support.js';

const { test, after } = suite('where the ledger and its key lie');
const folder = temporaryFolder();
const dataDir = join(folder, 'data');
after(() => removeFolder(folder));

const home = (ledger: object = {}) => ledgerHome({ dataDir, ledger: ledgerSettings.parse(ledger) });

test('by default the key, what it signed last and the witness lie beside the data directory, not in it [IV.C.6.b]', () => {
  const { dir, ...outside } = must(home());
  assert.equal(dir, join(dataDir, 'ledger'));
  for (const file of Object.values(outside)) assert.ok(file?.startsWith(`${dataDir}-keys/`), String(file));
  assert.equal(must(home({ witnessFile: null })).witnessFile, null);
});

test('a key inside the data directory is refused by name [IV.C.6.b]', () => {
  for (const signingKeyFile of [join(dataDir, 'keys', 'k.pem'), join(dataDir, 'ledger', 'k.pem')]) {
    const refused = home({ signingKeyFile });
    assert.ok(!refused.ok && refused.error.includes(signingKeyFile), JSON.stringify(refused));
  }
  assert.ok(
    home({ signingKeyFile: join(folder, 'data-2', 'k.pem') }).ok,
    'a neighbour with a longer name is not inside',
  );
});

test('a data directory of an earlier version says how its key is moved, and makes no second one', () => {
  mkdirSync(join(dataDir, 'keys'), { recursive: true });
  writeFileSync(join(dataDir, 'keys', 'ledger-signing.pem'), 'a key');
  const refused = home();
  assert.ok(!refused.ok && /mkdir .* && mv .*ledger-signing\.pem/.test(refused.error), JSON.stringify(refused));
});
