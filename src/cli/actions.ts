import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ArgsDef, type CommandDef, defineCommand } from 'citty';
import { type ActionField, fieldsOf } from '../policy/action_fields.js';
import type { AnyCommand } from '../policy/command.js';
import { commands } from '../policy/commands.js';
import { askApi, keptSession } from './api_session.js';
import { Questions, say } from './say.js';
import { usageError } from './usage.js';

/** `takeOut`, `take_out`: `take-out`. */
const dashed = (name: string) => name.replace(/_/g, '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const optionOf = ({ name }: ActionField) => dashed(name.replace(/(Ms|Sha256)$/, ''));

/** `platestream NOUN VERB`: the actions of one noun, from the declarations that the API serves. */
export function actionCommands(noun: string): Record<string, CommandDef> {
  const own = [...commands.values()].filter(({ action }) => action.startsWith(`${noun}.`));
  return Object.fromEntries(own.map((one) => [dashed(one.action.slice(noun.length + 1)), commandOf(one)]));
}

/** All actions of a noun as one command. */
export function nounCommand(noun: string): CommandDef {
  const subCommands = actionCommands(noun);
  const description = `Of a running program: ${Object.keys(subCommands).join(', ')}. Sign in first: platestream session open.`;
  return defineCommand({ meta: { name: noun, description }, subCommands });
}

function commandOf(command: AnyCommand): CommandDef {
  const fields = fieldsOf(command);
  const options = fields.filter((field) => !isAsked(field)).map((field) => [optionOf(field), argOf(field)]);
  const args: ArgsDef = Object.fromEntries(options);
  return {
    meta: { name: dashed(command.action.split('.')[1] as string), description: command.title },
    args: { ...args, json: { type: 'boolean', description: 'print the answer as JSON' } },
    run: ({ args: given }) => run(command, fields, given),
  };
}

/** Arguments are seen by everybody on the machine: a plate comes by standard input. One that may be left out is asked for when its option is there. */
const isPlate = ({ name }: ActionField) => /plate$/i.test(name);
const isAsked = (field: ActionField) => isPlate(field) && field.required;

function argOf(field: ActionField): ArgsDef[string] {
  const { type, required, name } = field;
  if (isPlate(field)) return { type: 'boolean', description: 'ask for it on standard input' };
  if (type === 'boolean') return { type: 'boolean', required };
  const how = name.endsWith('Ms') ? 'a moment' : name.endsWith('Sha256') ? 'a file, or its SHA-256' : kinds[type];
  return { type: 'string', required, description: how };
}

const kinds = { string: 'text', number: 'a number', words: 'separated by commas', object: 'JSON' } as const;

function parsed({ name, type }: ActionField, given: string): unknown {
  if (name.endsWith('Ms')) return momentOf(name, given);
  if (name.endsWith('Sha256')) return digestOf(given);
  if (type === 'string') return given;
  if (type === 'words') return given.split(',').flatMap((word) => word.trim() || []);
  try {
    return JSON.parse(given);
  } catch {
    return usageError(`${name} ${given}: not ${type === 'number' ? 'a number' : 'JSON'}`);
  }
}

/** `now`, an ISO time, or UTC milliseconds. */
function momentOf(name: string, given: string): number {
  const ms = given === 'now' ? Date.now() : /^\d+$/.test(given) ? Number(given) : Date.parse(given);
  return Number.isNaN(ms) ? usageError(`${name} ${given}: not a moment (2026-01-31T15:00Z, now)`) : ms;
}

function digestOf(given: string): string {
  if (/^[0-9a-f]{64}$/.test(given)) return given;
  try {
    return hash('sha256', readFileSync(given), 'hex');
  } catch {
    return usageError(`${given}: no such file, and no SHA-256`);
  }
}

async function run(
  { action }: AnyCommand,
  fields: readonly ActionField[],
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  const input: Record<string, unknown> = {};
  const questions = new Questions();
  for (const field of fields) {
    const value = given[optionOf(field)];
    if (isAsked(field) || (isPlate(field) && value === true)) input[field.name] = await questions.ask(field.name);
    else if (value !== undefined) input[field.name] = typeof value === 'string' ? parsed(field, value) : value;
  }
  questions.close();
  const session = keptSession();
  if (!session.ok) return say(session.error, 1);
  const done = await askApi(session.value, 'POST', `/api/actions/${action}`, input);
  if (!done.ok) return say(done.error, 1);
  say(given['json'] ? JSON.stringify(done.value.body) : lineOf(action, done.value.body), 0);
}

interface Done {
  readonly sequence: number;
  readonly id: string | null;
  readonly warnings: readonly { readonly code: string; readonly clause: string }[];
  readonly enrolment?: { readonly userId: string; readonly token: string };
}

function lineOf(action: string, body: Record<string, unknown>): string {
  const { sequence, id, warnings, enrolment } = body as unknown as Done;
  const lines = [`${action}: done${id === null ? '' : `, ${id}`} (ledger ${sequence})`];
  for (const { code, clause } of warnings) lines.push(`but ${code} [${clause}]`);
  if (enrolment) lines.push(`one-time token of ${enrolment.userId}, good once: ${enrolment.token}`);
  return lines.join('\n');
}
