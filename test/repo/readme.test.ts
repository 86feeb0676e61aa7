import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import type { ArgsDef, CommandDef, SubCommandsDef } from 'citty';
import { main } from '../../src/cli/commands.js';
import { packagePath } from '../../src/package_root.js';
import { loadModels } from '../../src/pipeline/models.js';
import { commands as actions } from '../../src/policy/commands.js';
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

test('every command of --help stands in the table; each action in docs/actions.md', async () => {
  const isAction = (name: string) => actions.has(name.replace(' ', '.').replaceAll('-', '_'));
  const listed = new Set((await Promise.all(commands.map(mentionedIn))).flat().map(({ names }) => names.join(' ')));
  for (const group of Object.keys(await subCommandsOf(main))) {
    const own = Object.keys(await subCommandsOf((await childOf(main, group)) as CommandDef));
    for (const name of own.length === 0 ? [group] : own.map((one) => `${group} ${one}`))
      assert.ok(listed.has(name) || isAction(name), `README: "${name}" is missing`);
  }
});

/** Names of the scenes in the table, and of their sets. */
const scenes: Readonly<Record<string, string>> = { US: 'e2e-us', Europe: 'e2e-eu', Brazil: 'e2e-br' };

test('the accuracy it states is the one that was measured', () => {
  const measured = JSON.parse(readFileSync(packagePath('models', 'results.json'), 'utf8')) as {
    readonly model: string;
    readonly sets: readonly Readonly<Record<string, number | string>>[];
  };
  const models = loadModels();
  assert.ok(models.ok);
  assert.equal(measured.model, models.value.name, 'measured with the models that are shipped');
  const [, table = ''] =
    /<!-- accuracy[^>]*-->([\s\S]*?)<!-- end of accuracy -->/.exec(readFileSync(packagePath('README.md'), 'utf8')) ??
    [];
  for (const [name, set] of Object.entries(scenes)) {
    const row = new RegExp(`^\\| ${name} \\|(.*)\\|$`, 'm').exec(table)?.[1] ?? '';
    const found = measured.sets.find((one) => one['set'] === set) ?? {};
    const stated = row.split('|').map(Number);
    assert.deepEqual(
      stated,
      ['images', 'strict', 'merged', 'withinOne', 'recall'].map((key) => found[key]),
      name,
    );
  }
});
