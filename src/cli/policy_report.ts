import { existsSync } from 'node:fs';
import { defineCommand } from 'citty';
import { packagePath } from '../package_root.js';
import { fold } from '../policy/fold.js';
import { loadPolicy } from '../policy/policy_file.js';
import { packetText, reviewPacket } from '../policy/review_packet.js';
import { emptyState } from '../policy/state.js';
import { ledgerFolderOf, recordsOf } from './ledger_records.js';

function refuseUsage(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}

/** Reads the ledger alone and changes nothing, so it also runs beside a server. */
export const reportCommand = defineCommand({
  meta: {
    name: 'report',
    description:
      'The packet for the annual review, from the ledger: Markdown, or JSON whose `report` is for the public.',
  },
  args: {
    year: { type: 'positional', required: true, description: 'e.g. 2026' },
    data: { type: 'positional', required: true, description: 'data directory, or the folder of its ledger' },
    policy: { type: 'string', description: 'the policy file; the shipped one by default' },
    json: { type: 'boolean', description: 'print JSON' },
  },
  run({ args }) {
    if (!/^\d{4}$/.test(args.year)) return refuseUsage(`${args.year}: a year has four digits`);
    const folder = ledgerFolderOf(args.data);
    if (!existsSync(folder)) return refuseUsage(`${folder}: no such folder`);
    const policy = loadPolicy(args.policy ?? packagePath('policies', '41-12.yaml'));
    if (!policy.ok) return refuseUsage(policy.error);
    const state = emptyState();
    for (const record of recordsOf(folder)) fold(state, record);
    if (state.sequence === 0) return refuseUsage(`${folder}: no ledger with records`);
    const packet = reviewPacket(state, policy.value, args.year, Math.max(Date.now(), state.latestMs));
    process.stdout.write(`${args.json ? JSON.stringify(packet) : packetText(packet)}\n`);
  },
});
