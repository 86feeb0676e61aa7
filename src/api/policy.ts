import { ok } from '../data/result.js';
import { proofOf } from '../policy/clauses.js';
import { roleNames } from '../policy/policy_file.js';
import { type AnyRoute, route, view } from './route.js';
import type { Services } from './services.js';

/** The policy itself: as a file, as words for screens, as clauses with their proof. */
export function policyRoutes({ governance, testTitles }: Services): AnyRoute[] {
  const { policy } = governance;
  return [
    view({
      name: 'policy',
      summary: 'The policy file in force.',
      handle: () => ok(policy),
    }),
    route({
      method: 'GET',
      path: '/api/policy/words',
      summary: 'The words and numbers screens need: bases, categories, roles, limits.',
      rule: { kind: 'session' },
      handle: () =>
        ok({
          id: policy.id,
          sha256: policy.sha256,
          strict: policy.strict,
          bases: policy.reason.bases,
          needsCase: policy.reason.needsCase,
          needsOrder: policy.reason.needsOrder,
          categories: categoriesOf(policy.categories),
          numbers: policy.numbers,
          cameraKinds: policy.cameraKinds,
          jurisdiction: policy.jurisdiction,
          protocols: policy.protocols,
          roles: roleNames.filter((role) => role !== 'system'),
          states,
        }),
    }),
    route({
      method: 'GET',
      path: '/api/policy/clauses',
      summary: 'Each clause, what enforces it, which tests prove it, and what is due.',
      rule: { kind: 'view', name: 'policy' },
      handle() {
        const clauses = proofOf(policy, testTitles());
        const proved = clauses.filter((one) => !one.open).length;
        return ok({ policy: policy.id, proved, of: clauses.length, clauses, duties: governance.dutiesDue() });
      },
    }),
    route({
      method: 'GET',
      path: '/api/suspension',
      summary: 'Whether the system is suspended, by which order, and whether lifting it was proposed.',
      rule: { kind: 'session' },
      handle() {
        const { suspension } = governance.state();
        return ok({
          suspended: suspension !== null,
          orderNo: suspension?.orderNo ?? null,
          sinceMs: suspension?.sinceMs ?? null,
          resumeProposedBy: suspension?.resumeBy ?? null,
        });
      },
    }),
  ];
}

function categoriesOf({
  authorised,
  prohibited,
}: {
  authorised: Record<string, string>;
  prohibited: Record<string, string>;
}) {
  const of = (list: Record<string, string>, isAuthorised: boolean) =>
    Object.entries(list).map(([id, clause]) => ({ id, label: labelOf(id), clause, authorised: isAuthorised }));
  return [...of(authorised, true), ...of(prohibited, false)];
}

function labelOf(id: string): string {
  const words = id.replaceAll('_', ' ');
  return words === 'cpic' ? 'CPIC' : `${words[0]?.toUpperCase()}${words.slice(1)}`.replace('Amber', 'AMBER');
}

/** USPS codes of the states and territories that issue plates. */
const states = (
  'AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT ' +
  'VT VA WA WV WI WY AS GU MP PR VI'
).split(' ');
