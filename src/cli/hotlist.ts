import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineCommand } from 'citty';
import { type Config, loadConfig, parseConfig } from '../config.js';
import { policyAlone } from '../hot_lists/authority.js';
import { listHome } from '../hot_lists/hot_lists.js';
import { type ImportJob, importFile, loadSealed } from '../hot_lists/jobs.js';
import { loadSigningKey } from '../ledger/signing_key.js';
import { rowFields } from '../match/import/csv.js';
import type { ImportReport } from '../match/import/report.js';
import { ListFolder } from '../match/list_folder.js';
import { hotListSettings, type SourceSettings } from '../match/settings.js';
import { Snapshot } from '../match/snapshot/snapshot.js';
import { packagePath } from '../package_root.js';
import { loadPolicy } from '../policy/policy_file.js';
import { usageError } from './usage.js';

const where = {
  config: { type: 'string', description: 'configuration file', default: 'platestream.yaml' },
  'data-dir': { type: 'string', description: 'data directory, when there is no configuration file' },
  json: { type: 'boolean', description: 'print JSON' },
} as const;

interface Where {
  readonly config: string;
  readonly 'data-dir'?: string | undefined;
}

function configOf(args: Where): Config {
  const dataDir = args['data-dir'];
  const config =
    dataDir === undefined ? loadConfig(args.config) : parseConfig(JSON.stringify({ dataDir }), '--data-dir');
  return config.ok ? config.value : usageError(config.error);
}

const importCommand = defineCommand({
  meta: {
    name: 'import',
    description: 'Imports files of one source; a running server takes the new version within a second.',
  },
  args: {
    ...where,
    source: { type: 'string', description: 'name of the source, as configured or new', required: true },
    format: { type: 'string', description: 'ncic | csv | jsonl (default: as configured, or by the name of the file)' },
    map: { type: 'string', description: 'our fields = columns of the file, e.g. plate=TAG,state=ST,code=KIND' },
    'file-id': { type: 'string', description: "which of the source's files this is, e.g. missing_person" },
    'compiled-at': {
      type: 'string',
      description: 'when the source compiled it (ISO 8601; default: what the file says)',
    },
    'public-key': { type: 'string', description: 'PEM file; FILE.sig must then be its signature' },
    approve: { type: 'string', description: '"NAME: WHY", for a row count that moved further than allowed' },
    'dry-run': { type: 'boolean', description: 'check and report, change nothing' },
  },
  async run({ args }) {
    if (args._.length === 0) return usageError('hotlist import: name the files to import');
    const config = configOf(args);
    let worst = 0;
    for (const file of args._) {
      const source = sourceFrom(args, config, file);
      const answer = await importFile(jobOf(args, config, source), file);
      if (!answer.ok) return usageError(`hotlist import: ${answer.error}`);
      process.stdout.write(
        args.json ? `${JSON.stringify(answer.value)}\n` : textOf(answer.value, file, config, args['dry-run'] === true),
      );
      if (answer.value.outcome === 'refused') worst = 1;
    }
    process.exitCode = worst;
  },
});

interface ImportArgs {
  readonly source: string;
  readonly format?: string | undefined;
  readonly map?: string | undefined;
  readonly 'file-id'?: string | undefined;
  readonly 'compiled-at'?: string | undefined;
  readonly 'public-key'?: string | undefined;
  readonly approve?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
}

function sourceFrom(args: ImportArgs, config: Config, file: string): SourceSettings {
  const known = config.hotList.sources.find(({ name }) => name === args.source);
  const chosen = {
    ...(known ?? { name: args.source, format: formatByName(file) }),
    ...(args.format !== undefined && { format: args.format }),
    ...(args.map !== undefined && { columns: columnsOf(args.map) }),
    ...(args['file-id'] !== undefined && { fileId: args['file-id'] }),
    ...(args['public-key'] !== undefined && { publicKeyFile: args['public-key'] }),
  };
  const parsed = hotListSettings.safeParse({ sources: [chosen] });
  const [source] = parsed.data?.sources ?? [];
  if (source) return source;
  const issue = parsed.error?.issues[0];
  return usageError(`hotlist import: ${issue?.path.slice(2).join('.')}: ${issue?.message}`);
}

function formatByName(file: string): string {
  const name = file.replace(/\.gz$/, '');
  return name.endsWith('.csv') ? 'csv' : /\.jsonl?$|\.ndjson$/.test(name) ? 'jsonl' : 'ncic';
}

function columnsOf(map: string): Record<string, string> {
  const pairs = map.split(',').map((pair) => pair.split('=').map((part) => part.trim()));
  const wrong = pairs.find(([field, column]) => !column || !rowFields.some((one) => one === field));
  if (wrong) return usageError(`--map ${wrong.join('=')}: write field=COLUMN; fields are ${rowFields.join(', ')}`);
  return Object.fromEntries(pairs);
}

function jobOf(args: ImportArgs, config: Config, source: SourceSettings): ImportJob {
  const policy = loadPolicy(packagePath('policies', '41-12.yaml'));
  if (!policy.ok) return usageError(policy.error);
  const compiledAt = args['compiled-at'];
  const compiledAtMs = compiledAt === undefined ? null : Date.parse(compiledAt);
  if (Number.isNaN(compiledAtMs)) return usageError(`--compiled-at ${compiledAt}: write it like 2026-01-31T06:30:00Z`);
  if (args.approve !== undefined && !/^[^:]{2,80}: ?.{3,}$/.test(args.approve))
    return usageError('--approve: write "NAME: WHY"');
  return {
    home: listHome(config.hotList, resolve(config.dataDir)),
    source,
    policy: policyAlone(policy.value).categories(),
    rejectedShareMax: config.hotList.rejectedShareMax,
    compiledAtMs,
    approvedBy: args.approve ?? null,
    dryRun: args['dry-run'] === true,
  };
}

function textOf(report: ImportReport, file: string, config: Config, isDry: boolean): string {
  const { outcome, version, refusal, rows, kept, duplicates, dropped, rejected, rejectedByReason, rejects } = report;
  const verdict =
    outcome === 'refused' ? `REFUSED (${refusal?.code}, ${refusal?.clause}): ${refusal?.sentence}` : outcome;
  const age = outcome === 'refused' ? null : ageWarning(report.source, report.compiledAtMs, config);
  const lines = [
    `${file}: ${isDry && outcome === 'loaded' ? 'would be loaded' : verdict}${version === null ? '' : `, version ${version}`}`,
    ...(age === null ? [] : [`  ${age}`]),
    `  rows ${rows} = kept ${kept} + duplicates ${duplicates} + dropped ${sum(dropped)} + rejected ${rejected}`,
    `  compiled ${new Date(report.compiledAtMs).toISOString()}${report.signed ? ', signature checked' : ''}`,
  ];
  for (const [category, count] of Object.entries(dropped)) lines.push(`  dropped ${count}: ${category}`);
  for (const [reason, count] of Object.entries(rejectedByReason)) lines.push(`  rejected ${count}: ${reason}`);
  for (const [line, reason] of rejects.slice(0, 10)) lines.push(`    line ${line}: ${reason}`);
  if (rejects.length > 10) lines.push(`    ... all of them: platestream hotlist rejects --source ${report.source}`);
  return `${lines.join('\n')}\n`;
}

/** What becomes of a list as old as this, when it is older than it should be. */
function ageWarning(source: string, compiledAtMs: number, { hotList }: Config): string | null {
  const own = hotList.sources.find(({ name }) => name === source);
  const stopAfterHours = own?.stopAfterHours ?? hotList.stopAfterHours;
  const staleAfterHours = own?.staleAfterHours ?? hotList.staleAfterHours;
  const ageHours = (Date.now() - compiledAtMs) / 3_600_000;
  if (ageHours > stopAfterHours) return `TOO OLD TO MATCH: compiled more than ${stopAfterHours} h ago (stopAfterHours)`;
  return ageHours > staleAfterHours ? `STALE: compiled more than ${staleAfterHours} h ago (staleAfterHours)` : null;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

const showCommand = defineCommand({
  meta: { name: 'show', description: 'The list in force: version, sources, ages, counts. Never a plate.' },
  args: where,
  run({ args }) {
    const config = configOf(args);
    const home = listHome(config.hotList, resolve(config.dataDir));
    const current = existsSync(home.folder) ? new ListFolder(home.folder).current() : null;
    if (current === null) {
      process.stdout.write(args.json ? 'null\n' : 'no list has been imported yet\n');
      process.exitCode = 1;
      return;
    }
    const sealed = loadSealed(current.file, loadSigningKey(home.signingKeyFile).publicPem);
    if (!sealed.ok) return usageError(sealed.error);
    const { version, createdAtMs, entries, bodySha256, bodyBytes, sources } = sealed.value.header;
    const shown = { version, createdAtMs, entries, sha256: bodySha256, bytes: bodyBytes, sources };
    if (args.json) process.stdout.write(`${JSON.stringify(shown)}\n`);
    else {
      const warned = (one: { name: string; compiledAtMs: number }) => {
        const warning = ageWarning(one.name, one.compiledAtMs, config);
        return warning === null ? '' : `; ${warning}`;
      };
      const hours = (ms: number) => ((Date.now() - ms) / 3_600_000).toFixed(1);
      process.stdout.write(
        `version ${version}: ${entries} entries, ${bodyBytes} bytes, SHA-256 ${bodySha256}, signature good\n`,
      );
      for (const one of sources)
        process.stdout.write(
          `  ${one.name}: ${one.kept} entries, compiled ${hours(one.compiledAtMs)} h ago, ${sum(one.dropped)} dropped, ${one.rejected} rejected${warned(one)}\n`,
        );
    }
  },
});

const rejectsCommand = defineCommand({
  meta: { name: 'rejects', description: "Every rejected line of a source's last import: number and reason." },
  args: { ...where, source: { type: 'string', description: 'name of the source', required: true } },
  run({ args }) {
    const config = configOf(args);
    const report = new ListFolder(join(resolve(config.dataDir), 'hot-list')).lastReport(args.source);
    if (report === null) return usageError(`hotlist rejects: nothing was imported from a source "${args.source}"`);
    if (args.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else for (const [line, reason] of report.rejects) process.stdout.write(`line ${line}: ${reason}\n`);
  },
});

/** The list in force, if its signature is good. */
function currentList(config: Config): Snapshot | null {
  const home = listHome(config.hotList, resolve(config.dataDir));
  const file = new ListFolder(home.folder).current()?.file;
  if (file === undefined) return null;
  const sealed = loadSealed(file, loadSigningKey(home.signingKeyFile).publicPem);
  return sealed.ok ? new Snapshot(sealed.value.header, sealed.value.body) : null;
}

const removeCommand = defineCommand({
  meta: {
    name: 'remove',
    description:
      'Silences one entry until a list compiled later names it again; a running server follows within a second.',
  },
  args: { ...where, entry: { type: 'positional', required: true, description: 'id of the entry, as alerts show it' } },
  run({ args }) {
    if (!/^[\w:.-]{1,96}$/.test(args.entry)) return usageError(`hotlist remove ${args.entry}: not an entry id`);
    const config = configOf(args);
    new ListFolder(join(resolve(config.dataDir), 'hot-list')).remove(args.entry, Date.now());
    const isListed = currentList(config)?.names(args.entry) ?? false;
    const told = isListed
      ? `${args.entry} no longer matches`
      : `${args.entry} is in no imported list (a manual entry, or mistyped?); it will not match should it come`;
    process.stdout.write(args.json ? `${JSON.stringify({ removed: args.entry, isListed })}\n` : `${told}\n`);
  },
});

const verifyCommand = defineCommand({
  meta: {
    name: 'verify',
    description: 'Checks a snapshot file against a public key; exit 0 only if every byte is as signed.',
  },
  args: {
    file: { type: 'positional', required: true, description: 'a list-<version>.snapshot file' },
    'public-key': { type: 'string', description: 'PEM file of the key that must have signed it', required: true },
    json: where.json,
  },
  run({ args }) {
    for (const file of [args.file, args['public-key']])
      if (!existsSync(file)) return usageError(`${file}: no such file`);
    const sealed = loadSealed(args.file, readFileSync(args['public-key'], 'utf8'));
    const { version, entries } = sealed.ok ? sealed.value.header : { version: null, entries: null };
    if (args.json) process.stdout.write(`${JSON.stringify({ good: sealed.ok, version, entries })}\n`);
    else process.stdout.write(sealed.ok ? `version ${version}, ${entries} entries: good\n` : `${sealed.error}\n`);
    process.exitCode = sealed.ok ? 0 : 1;
  },
});

export const hotListCommand = defineCommand({
  meta: { name: 'hotlist', description: 'Hot lists: import, show, rejected lines, removal, signature.' },
  subCommands: {
    import: importCommand,
    show: showCommand,
    rejects: rejectsCommand,
    remove: removeCommand,
    verify: verifyCommand,
  },
});
