import { z } from 'zod';
import type { Result } from '../data/result.js';
import { fail, ok } from '../data/result.js';
import type { ImportReport } from '../match/import/report.js';
import { refusal } from '../policy/refusal.js';
import { type AnyRoute, type Call, route, view } from './route.js';
import type { Services } from './services.js';

/** The hot lists as this edge sees them. */
export interface HotListDesk {
  status(): object;
  readonly folder: {
    imports(): readonly Omit<ImportReport, 'rejects'>[];
    lastReport(source: string): ImportReport | null;
  };
  receive(
    source: string,
    list: { input: AsyncIterable<Uint8Array>; signature: Buffer | null; fallbackCompiledAtMs: number },
    approvedBy: string | null,
  ): Promise<Result<ImportReport, string>>;
  remove(entryId: string): void;
}

const importsShown = 200;
const why = z.string().trim().min(3).max(500);

/** What is loaded, what every import came to, a file handed over, an entry silenced; never a plate. */
export function hotListRoutes({ hotLists, governance, clock }: Services): AnyRoute[] {
  const look = { kind: 'view', name: 'hot_lists' } as const;
  const change = { kind: 'view', name: 'hot_lists.change' } as const;

  /** Who did what and why, durable before it is done. */
  function noted(call: Call<unknown, unknown>, action: string, objectId: string, request: Record<string, string>) {
    const { id, name, roles } = call.actor;
    const about = { actor_id: id, actor_name: name, roles, session_hash: call.principal.sessionHash };
    return governance.note({ action, ...about, object_id: objectId, request, decision: 'allow' });
  }

  return [
    view({
      name: 'hot_lists',
      summary: 'The list in force: version, sources with age and counts, problems.',
      handle: () => ok(hotLists.status()),
    }),
    route({
      method: 'GET',
      path: '/api/hot-lists/imports',
      summary: 'What the latest imports came to.',
      rule: look,
      handle: () => ok({ items: hotLists.folder.imports().slice(-importsShown).reverse() }),
    }),
    route({
      method: 'GET',
      path: '/api/hot-lists/{source}/rejects',
      summary: 'Every rejected line of a source’s last import: number and reason, never its content.',
      rule: look,
      handle({ params }) {
        const name = params['source'] ?? '';
        const report = /^[a-z][a-z0-9_]{0,31}$/.test(name) ? hotLists.folder.lastReport(name) : null;
        return report ? ok(report) : fail(refusal('NOT_FOUND', 'III.M', 'nothing was imported from such a source'));
      },
    }),
    route({
      method: 'POST',
      path: '/api/hot-lists/{source}/imports',
      summary:
        'Imports the body as the next file of a configured source; 200 also when it is refused, with the reason.',
      rule: change,
      query: z.strictObject({ approve: why.optional() }),
      async handle(call) {
        const { params, query, request, principal } = call;
        const source = params['source'] ?? '';
        const record = await noted(call, 'list.handed_over', source, query.approve ? { approve: query.approve } : {});
        if (!record.ok) return record;
        const approvedBy = query.approve === undefined ? null : `${principal.userId}: ${query.approve}`;
        const signature = request.headers.get('x-list-signature');
        const about = {
          signature: signature === null ? null : Buffer.from(signature),
          fallbackCompiledAtMs: clock.nowMs(),
        };
        const report = await hotLists.receive(source, { input: request.body ?? nothing(), ...about }, approvedBy);
        return report.ok ? report : fail(refusal('INPUT_INVALID', 'III.M', report.error));
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/hot-lists/entries/{entryId}',
      summary: 'Silences one entry of a list everywhere, until a list compiled later names it again.',
      rule: change,
      query: z.strictObject({ why }),
      async handle(call) {
        const entryId = call.params['entryId'] ?? '';
        if (!/^[\w:.-]{1,96}$/.test(entryId)) return fail(refusal('NOT_FOUND', 'IV.A.7.a', 'there is no such entry'));
        const record = await noted(call, 'list.entry_removed', entryId, { why: call.query.why });
        if (!record.ok) return record;
        hotLists.remove(entryId);
        return ok({ sequence: record.value.seq });
      },
    }),
  ];
}

async function* nothing(): AsyncIterable<Uint8Array> {}
