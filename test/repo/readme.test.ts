import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import type { ArgsDef, CommandDef, SubCommandsDef } from 'citty';
import { main } from '../../src/cli/commands.js';
import { packagePath } from '../../src/package_root.js';
import { suite } from '../support/suite.js';

/** The README's table of commands against what `--help` is made of. */
const { test } = suite('README');

type Lazy<Value> = Value | Promise<Value> | (() => Value | Promise<Value>) | undefined;
const resolved = async <Value>(value: Lazy<Value>): Promise<Value | undefined> =>
  typeof value === 'function' ? await (value as () => Value | Promise<Value>)() : await value;
const subCommandsOf = async (command: CommandDef): Promise<SubCommandsDef> =>
  (await resolved(command.subCommands)) ?? {};
const childOf = async (command: CommandDef, name: string) =>
  (await resolved((await subCommandsOf(command))[name])) as CommandDef | undefined;

/** Code of the first column: `platestream hotlist import|show [--json]`, `scenes`, `npm run evaluate`. */
function shown(): string[] {
  const rows = readFileSync(packagePath('README.md'), 'utf8').match(/^\| `platestream .*$/gm) ?? [];
  return rows.flatMap((row) => {
    const [, first = ''] = row.split(/(?<!\\)\|/);
    return [...first.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'));
  });
}

interface Mentioned {
  readonly names: readonly string[];
  readonly options: readonly string[];
}

/** `hotlist import|show --json`: two commands, each with that option; `user ...` is all of them. */
async function mentionedIn(code: string): Promise<Mentioned[]> {
  const words = code.replace(/^platestream /, '').split(/\s+/);
  const options = [...code.matchAll(/--([a-z-]+)/g)].map(([, name = '']) => name);
  const [group = '', second = ''] = words;
  const command = await childOf(main, group);
  assert.ok(command, `README: there is no command "${group}"`);
  const all = Object.keys(await subCommandsOf(command));
  if (all.length === 0) return [{ names: [group], options }];
  const wanted = second === '...' ? all : second.split('|');
  return wanted.map((name) => ({ names: [group, name], options }));
}

const commands = shown().filter((code) => !code.startsWith('npm '));

test('every command and option of the table exists', async () => {
  assert.ok(commands.length > 10, commands.join());
  for (const code of commands) {
    for (const { names, options } of await mentionedIn(code)) {
      let command: CommandDef | undefined = main;
      for (const name of names) command = command && (await childOf(command, name));
      assert.ok(command, `README: there is no command "${names.join(' ')}"`);
      const args = ((await resolved(command.args)) ?? {}) as ArgsDef;
      for (const option of options) assert.ok(option in args, `README: ${names.join(' ')} knows no --${option}`);
    }
  }
  const { scripts } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { scripts: object };
  for (const [, script = ''] of readFileSync(packagePath('README.md'), 'utf8').matchAll(/npm run ([a-z:]+)/g))
    assert.ok(script in scripts, `README: there is no script "${script}"`);
});

test('every command of --help stands in the table', async () => {
  const listed = new Set((await Promise.all(commands.map(mentionedIn))).flat().map(({ names }) => names.join(' ')));
  for (const group of Object.keys(await subCommandsOf(main))) {
    const own = Object.keys(await subCommandsOf((await childOf(main, group)) as CommandDef));
    for (const name of own.length === 0 ? [group] : own.map((one) => `${group} ${one}`))
      assert.ok(listed.has(name), `README: "${name}" is missing`);
  }
});
