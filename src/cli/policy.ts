import { existsSync } from 'node:fs';
import { defineCommand } from 'citty';
import { packagePath } from '../package_root.js';
import { actionsPage } from '../policy/actions_page.js';
import { type ClauseProof, proofOf } from '../policy/clauses.js';
import { loadPolicy, type Policy } from '../policy/policy_file.js';
import { replayUnder } from '../policy/replay.js';
import { testTitles } from '../test_titles.js';
import { actionCommands } from './actions.js';
import { ledgerFolderOf, recordsOf } from './ledger_records.js';
import { reportCommand } from './policy_report.js';

function refuseUsage(sentence: string): null {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
  return null;
}

function readPolicy(file: string): Policy | null {
  const policy = loadPolicy(file);
  return policy.ok ? policy.value : refuseUsage(policy.error);
}

function clauseLine({ clause, level, demand, tests, enforcedBy }: ClauseProof): string {
  const proof = tests.length > 0 ? `${tests.length} test${tests.length > 1 ? 's' : ''}` : 'OPEN';
  return `${clause.padEnd(14)} ${level.padEnd(7)} ${proof.padEnd(9)} ${demand} (${enforcedBy.join(', ')})`;
}

const clausesCommand = defineCommand({
  meta: {
    name: 'clauses',
    description: 'Each clause, what enforces it and which tests prove it; exit 1 while one is open.',
  },
  args: {
    policy: { type: 'string', description: 'the policy file; the shipped one by default' },
    json: { type: 'boolean', description: 'print JSON' },
  },
  run({ args }) {
    const policy = readPolicy(args.policy ?? packagePath('policies', '41-12.yaml'));
    if (policy === null) return;
    const { titles, from } = testTitles();
    const clauses = proofOf(policy, titles);
    const proved = clauses.filter((one) => !one.open).length;
    if (args.json)
      process.stdout.write(`${JSON.stringify({ policy: policy.id, proved, of: clauses.length, from, clauses })}\n`);
    else {
      const source =
        from === 'run' ? 'tests that passed in the last run' : 'tests in the sources (not run here yet: npm test)';
      process.stdout.write(
        `${clauses.map(clauseLine).join('\n')}\n${proved} of ${clauses.length} clauses proved by ${source}\n`,
      );
    }
    process.exitCode = proved === clauses.length ? 0 : 1;
  },
});

function flatten(value: unknown, path: string, into: Map<string, string>): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return into.set(path, JSON.stringify(value));
  for (const [key, member] of Object.entries(value)) flatten(member, path === '' ? key : `${path}.${key}`, into);
  return into;
}

function changedSettings(a: Policy, b: Policy): { setting: string; a: string; b: string }[] {
  const byClause = (policy: Policy) => ({
    ...policy,
    sha256: '',
    clauses: Object.fromEntries(policy.clauses.map((c) => [c.id, c])),
  });
  const [left, right] = [flatten(byClause(a), '', new Map()), flatten(byClause(b), '', new Map())];
  const names = [...new Set([...left.keys(), ...right.keys()])].filter((name) => left.get(name) !== right.get(name));
  return names.map((setting) => ({ setting, a: left.get(setting) ?? 'absent', b: right.get(setting) ?? 'absent' }));
}

const diffCommand = defineCommand({
  meta: {
    name: 'diff',
    description: 'What two policies say differently, and which past decisions would have come out differently.',
  },
  args: {
    a: { type: 'positional', required: true, description: 'policy file' },
    b: { type: 'positional', required: true, description: 'policy file' },
    replay: { type: 'string', description: 'folder of a ledger whose decisions are made again under both' },
    json: { type: 'boolean', description: 'print JSON' },
  },
  run({ args }) {
    const [a, b] = [readPolicy(args.a), readPolicy(args.b)];
    if (a === null || b === null) return;
    const settings = changedSettings(a, b);
    const folder = args.replay === undefined ? undefined : ledgerFolderOf(args.replay);
    if (folder !== undefined && !existsSync(folder)) return void refuseUsage(`${folder}: no such folder`);
    const replayed = folder === undefined ? null : replayUnder(a, b, recordsOf(folder));
    if (args.json) process.stdout.write(`${JSON.stringify({ settings, ...replayed })}\n`);
    else {
      for (const one of settings) process.stdout.write(`${one.setting}: ${one.a} -> ${one.b}\n`);
      for (const one of replayed?.differences ?? []) {
        process.stdout.write(`record ${one.sequence} ${one.action} by ${one.actor}: ${one.underA} -> ${one.underB}\n`);
      }
      if (replayed)
        process.stdout.write(`${replayed.differences.length} of ${replayed.decisions} decisions would differ\n`);
    }
    process.exitCode = settings.length === 0 ? 0 : 1;
  },
});

const actionsCommand = defineCommand({
  meta: {
    name: 'actions',
    description: 'Every action and view, who may use it and what it takes, as a page (docs/actions.md).',
  },
  args: { policy: { type: 'string', description: 'the policy file; the shipped one by default' } },
  run({ args }) {
    const policy = readPolicy(args.policy ?? packagePath('policies', '41-12.yaml'));
    if (policy !== null) process.stdout.write(actionsPage(policy));
  },
});

export const policyCommand = defineCommand({
  meta: {
    name: 'policy',
    description: 'The policy as rules: what is enforced, what is proved, what a change would do.',
  },
  subCommands: {
    clauses: clausesCommand,
    diff: diffCommand,
    actions: actionsCommand,
    report: reportCommand,
    ...actionCommands('policy'),
  },
});
