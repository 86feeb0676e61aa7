import { parseSync } from 'oxc-parser';

/** A node of a JavaScript file, with the node it lies in. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly parent: Node | null;
  readonly [field: string]: unknown;
}

/** @returns every node of a file, outer ones first. */
export function nodesOf(file: string, text: string): Node[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const nodes: Node[] = [];
  collect(program as unknown as Node, null, nodes);
  return nodes;
}

function collect(node: Node, parent: Node | null, nodes: Node[]): void {
  Object.assign(node, { parent });
  nodes.push(node);
  for (const [field, value] of Object.entries(node)) {
    if (field === 'parent') continue;
    for (const child of [value].flat()) if (isNode(child)) collect(child, node, nodes);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** A field that holds one node. */
export function at(node: Node | null | undefined, field: string): Node | null {
  const value = node?.[field];
  return isNode(value) ? value : null;
}

/** A field that holds several nodes. */
export function all(node: Node | null | undefined, field: string): readonly Node[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The nodes around a node, from the nearest outwards. */
export function around(node: Node): Node[] {
  return node.parent === null ? [] : [node.parent, ...around(node.parent)];
}

export function isFunction({ type }: Node): boolean {
  return ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(type);
}

export function functionAround(node: Node): Node | null {
  return around(node).find(isFunction) ?? null;
}

/** What a call calls: `need` of `need(...)`, `refuse` of `this.#door.refuse(...)`. */
export function calledName(node: Node | null | undefined): string | null {
  if (node?.type !== 'CallExpression') return null;
  const callee = at(node, 'callee');
  return nameOf(callee?.type === 'MemberExpression' ? at(callee, 'property') : callee);
}

export function nameOf(node: Node | null | undefined): string | null {
  return typeof node?.['name'] === 'string' ? node['name'] : null;
}

/** The only value a `return` statement, alone or in braces, gives; nothing where there is more. */
export function returned(node: Node | null): Node | null {
  if (node?.type === 'ReturnStatement') return at(node, 'argument');
  const inside = node?.type === 'BlockStatement' ? all(node, 'body') : [];
  return inside.length === 1 ? returned(inside[0] ?? null) : null;
}

export function isNull(node: Node | null): boolean {
  return node?.type === 'Literal' && node['value'] === null && node['raw'] === 'null';
}
