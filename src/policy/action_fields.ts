import { z } from 'zod';
import type { AnyCommand } from './command.js';

/** One field of what an action is given, as JSON Schema has it. */
export interface ActionField {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean' | 'words' | 'object';
  readonly required: boolean;
}

interface Schema {
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** What an action is given, from its own declaration. */
export function fieldsOf({ input }: AnyCommand): ActionField[] {
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema;
  return Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    name,
    type: typeOf(field),
    required: schema.required?.includes(name) ?? false,
  }));
}

function typeOf(field: Schema): ActionField['type'] {
  const { type, items } = field.anyOf?.find((one) => one.type !== 'null') ?? field;
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'array') return items?.type === 'string' ? 'words' : 'object';
  return type === 'string' || type === 'boolean' ? type : 'object';
}
