import { type ArgDef, type ArgsDef, type CommandDef, runCommand, showUsage } from 'citty';
import { usageError } from './usage.js';

interface Chosen {
  readonly command: CommandDef;
  readonly parent: CommandDef | undefined;
  /** `read`, `bench read`. */
  readonly name: string;
  /** What follows the names of the commands. */
  readonly rest: readonly string[];
}

/**
 * Runs what the arguments ask for. A command or an option that does not exist, an option without its value and a missing argument are wrong
 * usage: one line, exit code 2, nothing done. (citty by itself lets an unknown option pass, and exits with 1.)
 */
export async function runCommandLine(main: CommandDef, args: readonly string[]): Promise<void> {
  const { command, parent, name, rest } = await choose(main, args);
  const asksForHelp = rest.some((arg) => arg === '--help' || arg === '-h');
  if (parent === undefined && rest[0] === '--version') {
    const meta = await resolved(main.meta);
    process.stdout.write(`${meta?.version}\n`);
    return;
  }
  const subCommands = await resolved(command.subCommands);
  if (asksForHelp || (subCommands && rest.length === 0)) {
    await showUsage(command, parent);
    process.exitCode = asksForHelp ? 0 : 2;
    return;
  }
  if (subCommands) usageError(unknownCommand(name, rest[0] as string, Object.keys(subCommands)));
  const problem = wrongUsage((await resolved(command.args)) ?? {}, rest);
  if (problem !== null) usageError(`${problem}; see platestream ${name} --help`);
  await runCommand(command, { rawArgs: [...rest] });
}

async function choose(main: CommandDef, args: readonly string[]): Promise<Chosen> {
  let [command, parent, at] = [main, undefined as CommandDef | undefined, 0];
  for (;;) {
    const subCommands = await resolved(command.subCommands);
    const name = args[at];
    if (name === undefined || !subCommands || !Object.hasOwn(subCommands, name)) break;
    parent = command;
    command = (await resolved(subCommands[name])) as CommandDef;
    at += 1;
  }
  return { command, parent, name: args.slice(0, at).join(' '), rest: args.slice(at) };
}

function unknownCommand(name: string, given: string, known: readonly string[]): string {
  return `unknown command "${[name, given].join(' ').trim()}"; there are: ${known.join(', ')}`;
}

/** @returns what is wrong with the arguments of a command, or `null`. */
function wrongUsage(args: ArgsDef, given: readonly string[]): string | null {
  const options = optionsOf(args);
  const named = new Set<ArgDef>();
  let positionals = 0;
  for (let i = 0; i < given.length; i++) {
    const arg = given[i] as string;
    if (arg === '--') break;
    if (!/^-./.test(arg)) {
      positionals += 1;
      continue;
    }
    const [flag, value] = arg.split(/=(.*)/s) as [string, string | undefined];
    const option = options.get(flag);
    if (!option) return `unknown option ${flag}`;
    named.add(option);
    if (option.type === 'boolean' || value !== undefined) continue;
    i += 1;
    if (given[i] === undefined) return `${flag} needs a value`;
  }
  const missing = Object.entries(args).find(([, { type, required }]) => type === 'positional' && required !== false);
  if (missing && positionals === 0) return `${missing[0].toUpperCase()} is missing`;
  const asked = Object.entries(args).find(([, one]) => one.type !== 'positional' && one.required && !named.has(one));
  return asked ? `--${asked[0]} is missing` : null;
}

/** Every way to write each option. */
function optionsOf(args: ArgsDef): Map<string, ArgDef> {
  const options = new Map<string, ArgDef>();
  for (const [name, definition] of Object.entries(args)) {
    if (definition.type === 'positional') continue;
    options.set(`--${name}`, definition);
    if (definition.type === 'boolean') options.set(`--no-${name}`, definition);
    const alias = 'alias' in definition ? definition.alias : undefined;
    for (const short of [alias ?? []].flat()) options.set(short.length === 1 ? `-${short}` : `--${short}`, definition);
  }
  return options;
}

type Lazy<Value> = Value | Promise<Value> | (() => Value) | (() => Promise<Value>) | undefined;

async function resolved<Value>(value: Lazy<Value>): Promise<Value | undefined> {
  return typeof value === 'function' ? await (value as () => Value | Promise<Value>)() : await value;
}
