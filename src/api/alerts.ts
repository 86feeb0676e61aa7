import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Alert } from '../data/alert.js';
import { fail, ok } from '../data/result.js';
import { faulty } from '../policy/recorder.js';
import { refusal } from '../policy/refusal.js';
import type { AlertBook } from './alert_book.js';
import { alertStream } from './alert_stream.js';
import { type AnyRoute, route, view } from './route.js';
import type { EvidenceKind, Services } from './services.js';

const count = z.coerce.number().int();
const listQuery = z.strictObject({
  after: count.min(0).default(0),
  limit: count.min(1).max(500).default(100),
  state: z.enum(['open', 'closed', 'all']).default('all'),
  order: z.enum(['newest', 'oldest']).default('newest'),
});

const missing = () => fail(refusal('NOT_FOUND', 'III.A', 'there is no such alert'));

/** Alerts for the people who act on them: live, as a list, one by one, with their pictures. */
export function alertRoutes(services: Services, book: AlertBook): AnyRoute[] {
  const { feed, governance, ledger } = services;
  const visible = (userId: string, alertId: string): Alert | null => {
    const alert = book.byId(alertId);
    return alert !== null && book.isFor(userId, alert) ? alert : null;
  };
  return [
    route({
      method: 'GET',
      path: '/api/alerts',
      summary: 'Potential hits as they happen (server-sent events), those of the caller’s own alert profile.',
      rule: { kind: 'view', name: 'alerts' },
      keepsIdle: true,
      mediaType: 'text/event-stream',
      query: z.strictObject({ after: count.min(0).optional() }),
      handle: (call) => alertStream(services, book, call),
    }),
    view({
      name: 'alerts',
      summary: 'Alerts of the caller’s own profile, for a fresh screen or a handover.',
      query: listQuery,
      handle({ principal, query: { after, limit, state, order } }) {
        const all = feed.after(after, feed.lastSequence() - after);
        const isOpen = (alert: Alert) => (book.hitOf(alert.id)?.closed ?? null) === null;
        const items: ReturnType<AlertBook['view']>[] = [];
        for (let at = 0; at < all.length && items.length < limit; at += 1) {
          const alert = all[order === 'oldest' ? at : all.length - 1 - at] as Alert;
          const wanted = state === 'all' || isOpen(alert) === (state === 'open');
          if (wanted && book.isFor(principal.userId, alert)) items.push(book.view(alert));
        }
        return ok({ items, lastSequence: feed.lastSequence() });
      },
    }),
    route({
      method: 'GET',
      path: '/api/alerts/{alertId}',
      summary: 'One alert with its hit.',
      rule: { kind: 'view', name: 'alerts' },
      handle({ principal, params }) {
        const alert = visible(principal.userId, params['alertId'] ?? '');
        return alert === null ? missing() : ok(book.view(alert));
      },
    }),
    ...(['vehicle', 'plate'] as const).map((kind) => imageRoute(services, kind, visible)),
  ];

  function imageRoute(
    { evidence }: Services,
    kind: EvidenceKind,
    find: (userId: string, alertId: string) => Alert | null,
  ): AnyRoute {
    return route({
      method: 'GET',
      path: `/api/alerts/{alertId}/images/${kind}`,
      summary: `The ${kind} of an alert as a picture; each look is recorded and the picture's digest is checked.`,
      rule: { kind: 'view', name: 'alerts' },
      mediaType: 'image/jpeg',
      async handle({ principal, params }) {
        const alert = find(principal.userId, params['alertId'] ?? '');
        if (alert === null) return missing();
        const receipt = await governance.openLook('alert.image', principal, alert.id, { kind });
        if (!receipt.ok) return receipt;
        const image = await evidence(receipt.value, alert.id, kind);
        if (!image.ok) return image.error === 'DAMAGED' ? fail(await damaged(alert.id, kind)) : missing();
        const sha256 = hash('sha256', image.value, 'hex');
        const told = await ledger.outcome(receipt.value, { count: 1, sha256, bytes: image.value.length });
        return told.ok ? picture(image.value, told.value.seq) : fail(faulty(told.error));
      },
    });
  }

  async function damaged(alertId: string, kind: EvidenceKind) {
    const found = refusal(
      'INTEGRITY_FAILURE',
      'IV.B.1.a(3)',
      'this picture is not the one that was taken; it is not shown',
    );
    const { code, clause } = found;
    const author = { actor_id: 'SYS:images', actor_name: 'images', roles: ['system'] };
    services.log.error({ alert: alertId, kind }, 'image damaged');
    const about = { action: 'integrity.fail', object_id: alertId, request: { kind } };
    const noted = await governance.note({ ...about, ...author, decision: 'refuse', code, clause });
    return noted.ok ? { ...found, sequence: noted.value.seq } : noted.error;
  }
}

function picture(bytes: Uint8Array, sequence: number): Response {
  const headers = {
    'content-type': 'image/jpeg',
    'cache-control': 'no-store',
    'x-platestream-sequence': String(sequence),
  };
  return new Response(Buffer.from(bytes), { headers });
}
