import { z } from 'zod';
import { fail, ok } from '../data/result.js';
import { disposalsDue } from '../policy/areas/retention.js';
import { refusal } from '../policy/refusal.js';
import { reviewPacket } from '../policy/review_packet.js';
import { withIds } from './cameras.js';
import { type AnyRoute, route, view } from './route.js';
import type { Services } from './services.js';

/** What administrators, auditors and the records unit look after. */
export function oversightRoutes({ governance, ledger }: Services): AnyRoute[] {
  const list = (name: string, summary: string, items: () => unknown): AnyRoute =>
    view({ name, summary, handle: () => ok({ items: items() }) });
  const state = () => governance.state();
  return [
    list('audits', 'Quarterly audits with seed, sample and findings.', () =>
      [...state().audits.values()].map((audit) => ({ ...audit, findings: withIds('findingId', audit.findings) })),
    ),
    route({
      method: 'GET',
      path: '/api/audits/{auditId}/sample',
      summary: 'The ledger records of an audit’s sample, for the auditor it was given to.',
      rule: { kind: 'view', name: 'audit.records' },
      handle({ principal, params }) {
        const audit = state().audits.get(params['auditId'] ?? '');
        if (audit?.auditor !== principal.userId)
          return fail(refusal('NOT_FOUND', 'IV.C.6.b', 'there is no such audit of yours'));
        const items = (audit.sample ?? []).map((sequence) => recordAt(ledger, sequence));
        return ok({ auditId: audit.auditId, seed: audit.seed, items });
      },
    }),
    list('misuse', 'Suspicions of misuse, open and closed.', () => withIds('misuseId', state().misuse)),
    list('agencies', 'Other agencies and their agreements.', () => [...state().agencies.values()]),
    view({
      name: 'vendors',
      summary: 'Vendors with their security papers, opened windows, and who keeps the bulk data.',
      handle() {
        const { vendors, vendorWindows, custodian } = state();
        return ok({ items: [...vendors.values()], windows: withIds('windowId', vendorWindows), custodian });
      },
    }),
    list('holds', 'What is kept for cases until their final disposition.', () => [...state().holds.values()]),
    list('disclosures', 'What left, to whom, when.', () => withIds('disclosureId', state().disclosures)),
    list('duties', 'What somebody has to do, and what is late.', () => governance.dutiesDue()),
    view({
      name: 'retention',
      summary:
        'How long bulk reads are kept, what is due to go, the latest receipt of a deletion, who has proposed what.',
      handle() {
        const { retentionProposals, custodian, lastPartitionDropped } = state();
        const { retentionDaysMin: daysMin, retentionDaysMax: daysMax } = governance.policy.numbers;
        return ok({
          days: governance.retentionDays(),
          daysMin,
          daysMax,
          proposals: withIds('proposalId', retentionProposals),
          custodian,
          lastPartitionDropped,
          lastReceipt: latestOf(ledger, 'retention.receipt'),
          disposalsDue: disposalsDue(state(), governance.policy, governance.nowMs()),
          clockDoubtful: governance.clockDoubtful,
        });
      },
    }),
    view({
      name: 'oversight',
      summary: 'Protocols, recommendations, legal items, changes and tickets.',
      handle() {
        const { protocols, recommendations, legalItems, changes, tickets, lastReviewMs } = state();
        return ok({
          protocols: withIds('kind', protocols),
          recommendations: withIds('recommendationId', recommendations),
          legal: withIds('legalId', legalItems),
          changes: withIds('changeId', changes),
          tickets: withIds('ticketId', tickets),
          lastReviewMs,
        });
      },
    }),
    view({
      name: 'report',
      summary: 'The packet for the annual review; its `report` is for the public: numbers, no plate, no name.',
      query: z.strictObject({ year: z.string().regex(/^\d{4}$/, 'a year has four digits') }),
      handle: ({ query }) => ok(reviewPacket(state(), governance.policy, query.year, governance.nowMs())),
    }),
    view({
      name: 'ledger',
      summary: 'Size, head and latest signed checkpoint of the ledger.',
      handle() {
        const { size, headHash, latestCheckpoint, poisoned } = ledger;
        const { leaves: _leaves, ...signed } = latestCheckpoint ?? { leaves: '' };
        return ok({ size, headHash, latestCheckpoint: latestCheckpoint && signed, poisoned });
      },
    }),
    view({
      name: 'ledger.mine',
      summary: 'What the ledger says the caller did: the newest records, searches with their reason among them.',
      handle: ({ principal }) => ok({ items: newestOf(ledger, principal.userId) }),
    }),
    view({
      name: 'ledger.records',
      summary: 'Records of the ledger: who did or looked at what, when and why.',
      query: z.strictObject({
        from: z.coerce.number().int().min(1).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
        actor: z.string().max(96).optional(),
        object: z.string().max(96).optional(),
        action: z.string().max(64).optional(),
      }),
      handle({ query }) {
        const { limit, actor, object, action } = query;
        const from = query.from ?? Math.max(1, ledger.size - limit + 1);
        const items: unknown[] = [];
        let [next, looked] = [from, 0];
        ledger.replay(from, (record) => {
          next = record.seq + 1;
          looked += 1;
          const wanted =
            (actor === undefined || record.actor_id === actor) &&
            (object === undefined || record.object_id === object) &&
            (action === undefined || record.action === action);
          if (wanted) items.push(record);
          return items.length < limit && looked < recordsLookedAtMax;
        });
        return ok({ items, next, size: ledger.size });
      },
    }),
  ];
}

/** The newest record of an action among the newest {@link recordsLookedAtMax}; `null`: none of those. */
function latestOf(ledger: Services['ledger'], action: string): object | null {
  let found: object | null = null;
  ledger.replay(Math.max(1, ledger.size - recordsLookedAtMax), ({ seq, ts_utc, action: done, request }) => {
    if (done === action) found = { sequence: seq, recordedAt: ts_utc, report: request };
    return true;
  });
  return found;
}

const mineMax = 200;

/** The newest records of one author, oldest first, out of the newest {@link recordsLookedAtMax}. */
function newestOf(ledger: Services['ledger'], actorId: string): unknown[] {
  const found: unknown[] = [];
  ledger.replay(Math.max(1, ledger.size - recordsLookedAtMax), (record) => {
    if (record.actor_id === actorId && record.action !== 'alert.deliver') found.push(record);
    return true;
  });
  return found.slice(-mineMax);
}

/** One page goes through at most so many records; `next` says where to go on. */
const recordsLookedAtMax = 20_000;

function recordAt(ledger: Services['ledger'], sequence: number): unknown {
  let found: unknown = null;
  ledger.replay(sequence, (record) => {
    found = record;
    return false;
  });
  return found;
}
