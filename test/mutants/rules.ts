import {
  all,
  around,
  at,
  calledName,
  functionAround,
  isFunction,
  isNull,
  type Node,
  nameOf,
  nodesOf,
  returned,
} from './tree.js';

/** How a rule can be made wrong: `true` never refuses, `false` always does. */
type Force = 'true' | 'false';

/** A rule of the policy as the code has it, and how it is wrapped so that it can be forced. */
export interface Rule {
  /** File, command or function, code and clause: the same however the lines move. */
  readonly name: string;
  readonly forces: readonly Force[];
  readonly node: Node;
  readonly wrap: readonly [before: string, after: string];
}

type Found = Pick<Rule, 'node' | 'forces'> & { readonly what: string; readonly how: How };
type How = 'rule' | 'refusing' | 'answer' | 'answers';

/** `rule` stands for a condition that lets pass, `refusing` for one that refuses, `answer` for a refusal or `null`. */
const wrappers: Readonly<Record<How, (name: string) => Rule['wrap']>> = {
  rule: (name: string) => [`$forced.rule(${name}, `, ')'],
  refusing: (name: string) => [`!$forced.rule(${name}, !(`, '))'],
  answer: (name: string) => [`$forced.answer(${name}, `, ')'],
  answers: (name: string) => [`$forced.answers(${name}, `, ')'],
};

const both: readonly Force[] = ['true', 'false'];

/** Names of functions that do nothing but make one refusal: `refusal` itself, and those that give it its words. */
export function makersOf(texts: readonly string[]): Set<string> {
  const functions = texts.flatMap((text) => nodesOf('policy.js', text).filter(isFunction));
  const makers = new Set(['refusal']);
  for (let size = 0; size < makers.size; ) {
    size = makers.size;
    for (const one of functions) if (makers.has(calledName(onlyValue(one)) ?? '')) makers.add(functionName(one) ?? '');
  }
  return makers;
}

/** What a function without a branch returns. */
function onlyValue(node: Node): Node | null {
  const body = at(node, 'body');
  if (body?.type !== 'BlockStatement') return body;
  const [last, ...before] = [...all(body, 'body')].reverse();
  return before.every(({ type }) => type === 'VariableDeclaration') ? returned(last ?? null) : null;
}

function functionName(node: Node): string | null {
  return nameOf(at(node, 'id')) ?? nameOf(at(node.parent, 'id')) ?? nameOf(at(node.parent, 'key'));
}

/** The rules of one compiled file of `src/policy`. */
export function rulesOf(file: string, text: string, makers: ReadonlySet<string>): Rule[] {
  const nodes = nodesOf(file, text);
  const conditions = [...nodes.flatMap((node) => needs(node, text)), ...guards(nodes, text, makers)];
  const refusing = new Set(conditions.map(({ node }) => functionAround(node)));
  const more = nodes.flatMap((node) => [
    ...accepts(node, refusing),
    ...passes(node),
    ...delegates(node),
    ...says(node),
  ]);
  return named(file.replace(/\.js$/, ''), [...conditions, ...more]);
}

function named(file: string, found: readonly Found[]): Rule[] {
  const seen = new Map<string, number>();
  return found.map(({ node, forces, what, how }) => {
    const plain = `${file} ${scopeOf(node)} ${what}`;
    const count = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, count);
    const name = count === 1 ? plain : `${plain} #${count}`;
    return { name, forces, node, wrap: wrappers[how](JSON.stringify(name)) };
  });
}

/** The command a rule belongs to, else the function. */
function scopeOf(node: Node): string {
  for (const outer of around(node)) {
    const name = actionOf(outer) ?? (isFunction(outer) ? functionName(outer) : null);
    if (name !== null && name !== 'rules') return name;
  }
  return 'file';
}

function actionOf(node: Node): string | null {
  const action = all(node, 'properties').find((one) => nameOf(at(one, 'key')) === 'action');
  const value = at(action, 'value')?.['value'];
  return typeof value === 'string' ? value : null;
}

function codeAndClause(call: Node, text: string, first: number): string {
  const said = all(call, 'arguments').slice(first, first + 2);
  return said.length === 0 ? `${calledName(call)}()` : said.map((one) => wordOf(one, text)).join(' ');
}

function wordOf(node: Node, text: string): string {
  return typeof node['value'] === 'string' ? node['value'] : text.slice(node.start, node.end);
}

/** `need(CONDITION, code, clause, sentence)`. */
function needs(node: Node, text: string): Found[] {
  const condition = calledName(node) === 'need' ? all(node, 'arguments')[0] : undefined;
  if (condition === undefined) return [];
  return [{ node: condition, forces: both, what: codeAndClause(node, text, 1), how: 'rule' }];
}

/** `if (CONDITION) return refusal(...)`, `CONDITION ? null : refusal(...)`, and a refusal that is a function's last word. */
function guards(nodes: readonly Node[], text: string, makers: ReadonlySet<string>): Found[] {
  const found = new Map<Node, Found>();
  for (const call of nodes) {
    if (!makers.has(calledName(call) ?? '') || makers.has(functionName(functionAround(call) ?? call) ?? '')) continue;
    const what = calledName(call) === 'refusal' ? codeAndClause(call, text, 0) : `${calledName(call)}()`;
    const guard = guardOf(call) ?? lastWord(call);
    if (guard !== null && !found.has(guard.node)) found.set(guard.node, { ...guard, what });
  }
  return [...found.values()];
}

function guardOf(call: Node): Omit<Found, 'what'> | null {
  let inner = call;
  for (const outer of around(call)) {
    if (isFunction(outer)) return null;
    const test = ['IfStatement', 'ConditionalExpression'].includes(outer.type) ? at(outer, 'test') : null;
    if (test !== null && test !== inner)
      return { node: test, forces: both, how: at(outer, 'alternate') === inner ? 'rule' : 'refusing' };
    inner = outer;
  }
  return null;
}

function lastWord(call: Node): Omit<Found, 'what'> | null {
  return call.parent?.type === 'ReturnStatement' ? { node: call, forces: ['true'], how: 'answer' } : null;
}

/** `if (CONDITION) return null` of a function that refuses. */
function accepts(node: Node, refusing: ReadonlySet<Node | null>): Found[] {
  const test = node.type === 'IfStatement' && isNull(returned(at(node, 'consequent'))) ? at(node, 'test') : null;
  if (test === null || !refusing.has(functionAround(node))) return [];
  return [{ node: test, forces: both, what: 'accepts', how: 'rule' }];
}

/** `if (refused !== null) return fail(refused)`: what another function has refused is passed on. */
function passes(node: Node): Found[] {
  const test = node.type === 'IfStatement' ? at(node, 'test') : null;
  const name = test?.['operator'] === '!==' && isNull(at(test, 'right')) ? nameOf(at(test, 'left')) : null;
  const given = returned(at(node, 'consequent'));
  const passedOn = ['fail', 'refuse'].includes(calledName(given) ?? '');
  if (test === null || name === null || !passedOn) return [];
  if (!all(given, 'arguments').some((one) => nameOf(one) === name)) return [];
  return [{ node: test, forces: ['true'], what: `passes on ${name}`, how: 'refusing' }];
}

/** `yield exists(...)`, `yield* open(...)`: rules that several commands share. */
function delegates(node: Node): Found[] {
  const name = node.type === 'YieldExpression' ? calledName(at(node, 'argument')) : null;
  if (name === null || name === 'need') return [];
  const how = node['delegate'] === true ? 'answers' : 'answer';
  return [{ node: at(node, 'argument') as Node, forces: ['true'], what: `${name}()`, how }];
}

/** `return CONDITION` of a function whose name is a question: `isLive`, `hasAgreement`, `canGoOn`. */
function says(node: Node): Found[] {
  const value = node.type === 'ReturnStatement' ? at(node, 'argument') : null;
  const name = functionName(functionAround(node) ?? node) ?? '';
  if (value === null || !/^(is|has|can)[A-Z]/.test(name)) return [];
  return [{ node: value, forces: otherThan(value), what: 'says', how: 'rule' }];
}

/** What can be said in place of a condition; what is constant is only made wrong. */
function otherThan({ value }: Node): readonly Force[] {
  return typeof value === 'boolean' ? [value ? 'false' : 'true'] : both;
}

/** The text with every rule wrapped; `from` is where `forced.js` lies, seen from the file. */
export function instrumented(text: string, rules: readonly Rule[], from: string): string {
  const before = new Map<number, string>();
  const after = new Map<number, string>();
  for (const { node, wrap } of rules) {
    before.set(node.start, (before.get(node.start) ?? '') + wrap[0]);
    after.set(node.end, wrap[1] + (after.get(node.end) ?? ''));
  }
  let out = `import * as $forced from ${JSON.stringify(from)};`;
  let last = 0;
  for (const place of [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b)) {
    out += text.slice(last, place) + (after.get(place) ?? '') + (before.get(place) ?? '');
    last = place;
  }
  return out + text.slice(last);
}
