import { z } from 'zod';
import { fail, ok } from '../data/result.js';
import { suspicions } from '../policy/misuse.js';
import { refusal } from '../policy/refusal.js';
import type { Look } from '../store/audit_log.js';
import { type AnyRoute, route, view } from './route.js';
import type { Services } from './services.js';

const moment = z.coerce.number().int().min(0);
const question = z.strictObject({
  plate: z.string().max(16).optional(),
  user: z.string().max(64).optional(),
  caseNo: z.string().max(64).optional(),
  fromMs: moment.optional(),
  toMs: moment.optional(),
  before: moment.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** An auditor's questions over the ledger: who looked, when, why, and what was shown [IV.C.6.b]. */
export function auditDeskRoutes({ history, governance }: Services): AnyRoute[] {
  const unanswered = () => fail(refusal('STORE_UNAVAILABLE', 'IV.C.6.b', 'the projection does not answer; ask again'));
  return [
    view({
      name: 'audit.looks',
      summary: 'Accesses that asked for a plate or could have shown it, newest first; page on with `before`.',
      query: question,
      async handle({ query }) {
        const plate = query.plate?.toUpperCase().replace(/[\s.·•-]/g, '');
        try {
          const looks = await history.desk.looks({ ...query, plate });
          const items = looks.slice(0, query.limit).map(lookView);
          return ok({ items, complete: looks.length <= query.limit });
        } catch {
          return unanswered();
        }
      },
    }),
    route({
      method: 'GET',
      path: '/api/audit/projection',
      summary:
        'Compares what auditors are answered from with the ledger itself, row by row; a difference is repaired and said.',
      rule: { kind: 'view', name: 'audit.looks' },
      async handle() {
        try {
          return ok(await history.desk.compare());
        } catch {
          return unanswered();
        }
      },
    }),
    route({
      method: 'GET',
      path: '/api/audit/suspicions',
      summary:
        'Patterns in last week’s searches that a person should look at; flag them with misuse.flag, close with misuse.close.',
      rule: { kind: 'view', name: 'misuse' },
      handle: () => ok({ items: suspicions(governance.state(), governance.policy, governance.nowMs()) }),
    }),
  ];
}

function lookView(look: Look) {
  return {
    sequence: look.seq,
    atMs: look.at_ms,
    userId: look.actor_id,
    name: look.actor_name,
    asked: look.asked || look.action,
    plates: look.plates,
    objectId: look.object_id || null,
    caseNo: look.case_no || null,
    basis: look.basis || null,
    facts: look.facts || null,
    cameras: look.cameras,
    fromMs: look.from_ms,
    toMs: look.to_ms,
    decision: look.decision,
    code: look.code || null,
    outcome: look.outcome_seq === 0 ? null : { sequence: look.outcome_seq, rows: look.outcome_rows },
  };
}
