import { openApi } from './openapi.js';
import { type AnyRoute, json, route } from './route.js';

/** The description of the API, for programs and for people; nothing is loaded from elsewhere. */
export function documentRoutes(routes: readonly AnyRoute[]): AnyRoute[] {
  const own: AnyRoute[] = [
    route({
      method: 'GET',
      path: '/api/openapi.json',
      summary: 'This API as OpenAPI 3.1.',
      rule: { kind: 'public' },
      handle: () => json(document()),
    }),
    route({
      method: 'GET',
      path: '/api/docs',
      summary: 'This API as a page.',
      rule: { kind: 'public' },
      mediaType: 'text/html',
      handle: () =>
        new Response(page(document()), {
          headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
        }),
    }),
  ];
  let made: Record<string, unknown> | null = null;
  const document = () => {
    made ??= openApi([...routes, ...own]);
    return made;
  };
  return own;
}

interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly 'x-policy-rule': string;
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: unknown }[];
  readonly requestBody?: { content: { 'application/json': { schema: unknown } } };
}

/** Plain HTML without script or style of its own: it needs no exception from the content security policy. */
function page(document: Record<string, unknown>): string {
  const paths = document['paths'] as Record<string, Record<string, Operation>>;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags[0] ?? ''))];
  const section = (tag: string) =>
    `<h2 id="${escaped(tag)}">${escaped(tag)}</h2>${operations
      .filter(({ operation }) => operation.tags[0] === tag)
      .map(({ method, path, operation }) => detail(method, path, operation))
      .join('')}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>platestream API</title></head><body><main>
<h1>platestream API</h1><p>${escaped((document['info'] as { description: string }).description)} <a href="/api/openapi.json">openapi.json</a></p>
<nav>${tags.map((tag) => `<a href="#${escaped(tag)}">${escaped(tag)}</a>`).join(' · ')}</nav>${tags.map(section).join('')}</main></body></html>`;
}

function detail(method: string, path: string, operation: Operation): string {
  const parameters = operation.parameters.map(
    (one) =>
      `<li><code>${escaped(one.name)}</code> (${one.in}${one.required ? '' : ', optional'}) <code>${escaped(JSON.stringify(one.schema))}</code></li>`,
  );
  const body = operation.requestBody?.content['application/json'].schema;
  return `<details><summary><code>${method} ${escaped(path)}</code> ${escaped(operation.summary)}</summary>
<p>Policy rule: <code>${escaped(operation['x-policy-rule'])}</code></p><ul>${parameters.join('')}</ul>
${body === undefined ? '' : `<pre>${escaped(JSON.stringify(body, null, 2))}</pre>`}</details>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
