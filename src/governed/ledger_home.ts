import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Config } from '../config.js';
import { fail, ok, type Result } from '../data/result.js';

/** Where a ledger and what protects it lie: what signs and what witnesses are never where the records are [IV.C.6.b]. */
export interface LedgerHome {
  readonly dir: string;
  readonly signingKeyFile: string;
  /** What the key signed last. */
  readonly lastSignedFile: string;
  readonly witnessFile: string | null;
}

/** @returns the places, or one line when the key would lie in the data directory: whoever can write there could then sign, too. */
export function ledgerHome({ dataDir: given, ledger }: Pick<Config, 'dataDir' | 'ledger'>): Result<LedgerHome, string> {
  const dataDir = resolve(given);
  const signingKeyFile = resolve(ledger.signingKeyFile ?? join(`${dataDir}-keys`, 'ledger-signing.pem'));
  const place = relative(dataDir, signingKeyFile);
  if (!place.startsWith('..') && !isAbsolute(place))
    return fail(
      `ledger.signingKeyFile: ${signingKeyFile} lies inside the data directory; choose a place outside of it`,
    );
  const formerly = join(dataDir, 'keys', 'ledger-signing.pem');
  if (existsSync(formerly) && !existsSync(signingKeyFile))
    return fail(`${formerly}: ${moveIt(formerly, signingKeyFile)}`);
  return ok({
    dir: isAbsolute(ledger.folder) ? ledger.folder : join(dataDir, ledger.folder),
    signingKeyFile,
    lastSignedFile: `${signingKeyFile.replace(/\.pem$/, '')}.last`,
    witnessFile:
      ledger.witnessFile === undefined ? join(dirname(signingKeyFile), 'ledger-witness.jsonl') : ledger.witnessFile,
  });
}

function moveIt(from: string, to: string): string {
  return `the ledger's key may no longer lie inside the data directory; move it: mkdir -p -m 700 ${dirname(to)} && mv ${from} ${to}`;
}
