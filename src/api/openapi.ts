import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { packagePath } from '../package_root.js';
import type { AnyRoute } from './route.js';

type Schema = Record<string, unknown>;

/** OpenAPI 3.1 from the very table that is served: what is checked is what is documented. */
export function openApi(routes: readonly AnyRoute[]): Schema {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) {
    const at = paths[route.path] ?? {};
    at[route.method.toLowerCase()] = operationOf(route);
    paths[route.path] = at;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'platestream',
      version,
      description:
        'Every refusal is an `application/problem+json` with a stable code, the clause of the policy and the number of its ledger record. ' +
        'Everything but GET needs the header `x-platestream: 1`. Times are UTC milliseconds.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: '__Host-platestream' } },
      schemas: { Problem: problemSchema },
    },
  };
}

const problemSchema: Schema = {
  type: 'object',
  required: ['type', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', examples: ['urn:platestream:problem:ROLE_REQUIRED'] },
    status: { type: 'integer' },
    code: { type: 'string', description: 'stable' },
    detail: { type: 'string', description: 'a sentence that helps' },
    clause: { type: 'string', description: 'clause of the policy' },
    sequence: { type: 'integer', description: 'ledger record of the refusal' },
  },
};

function operationOf(route: AnyRoute): Schema {
  const { rule, method, path } = route;
  const mediaType = route.mediaType ?? 'application/json';
  const schema = route.answer ? schemaOf(route.answer, 'output') : {};
  return {
    operationId: `${method.toLowerCase()}${path.replace(/\/api|[{}]/g, '').replace(/[/.-]+(\w)/g, (_all, first: string) => first.toUpperCase())}`,
    summary: route.summary,
    tags: [tagOf(path)],
    'x-policy-rule': rule.kind === 'public' || rule.kind === 'session' ? rule.kind : `${rule.kind} ${rule.name}`,
    security: rule.kind === 'public' ? [] : [{ session: [] }],
    parameters: [...pathParameters(path), ...queryParameters(route), ...(method === 'GET' ? [] : [ownPagesHeader])],
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } },
    }),
    responses: {
      '2XX': { description: 'done', content: { [mediaType]: { schema } } },
      default: {
        description: 'refused',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function tagOf(path: string): string {
  const [, api, first = 'health'] = path.split('/');
  return api === 'api' ? first : 'health';
}

const ownPagesHeader = { name: 'x-platestream', in: 'header', required: true, schema: { const: '1' } };

function pathParameters(path: string): Schema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: AnyRoute): Schema[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function schemaOf(type: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _draft, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' }) as Schema;
  return schema;
}
