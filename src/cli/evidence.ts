import { existsSync, readFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { type PackageVerdict, verifyPackage } from '../evidence/verify.js';

function linesOf(verdict: PackageVerdict, ownKey: boolean): string {
  if (verdict.firstBad) return `NOT WHOLE: ${verdict.firstBad.sentence}`;
  const trust = ownKey
    ? 'the key you gave'
    : 'the key in the package: compare this fingerprint with one you got from the department another way (--public-key)';
  return [
    `whole: case ${verdict.caseNo}, released to ${verdict.recipient}: ${verdict.reads} reads, ${verdict.images} pictures, ${verdict.records} ledger records`,
    `in a ledger of ${verdict.ledgerSize} records, signed ${verdict.signedAt}`,
    `by ${verdict.key} (${trust})`,
  ].join('\n');
}

const verifyCommand = defineCommand({
  meta: {
    name: 'verify',
    description: 'Check a disclosure package offline; exit 0 only if it is whole, else the first wrong thing is named.',
  },
  args: {
    package: {
      type: 'positional',
      required: true,
      description: 'the zip as handed over, or the folder it was unpacked to',
    },
    json: { type: 'boolean', description: 'print the verdict as JSON' },
    'public-key': { type: 'string', description: "PEM file of the department's ledger key, got another way" },
  },
  run({ args }) {
    const publicKey = args['public-key'];
    for (const file of [args.package, publicKey]) {
      if (file === undefined || existsSync(file)) continue;
      process.stderr.write(`${file}: no such file\n`);
      process.exitCode = 2;
      return;
    }
    const verdict = verifyPackage(args.package, publicKey === undefined ? undefined : readFileSync(publicKey, 'utf8'));
    process.stdout.write(`${args.json ? JSON.stringify(verdict) : linesOf(verdict, publicKey !== undefined)}\n`);
    process.exitCode = verdict.ok ? 0 : 1;
  },
});

export const evidenceCommand = defineCommand({
  meta: { name: 'evidence', description: 'Disclosure packages: preserved reads with their proof.' },
  subCommands: { verify: verifyCommand },
});
