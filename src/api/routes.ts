import type { Policy, Rule } from '../policy/policy_file.js';
import { AlertBook } from './alert_book.js';
import { alertRoutes } from './alerts.js';
import { auditDeskRoutes } from './audit_desk.js';
import { cameraViewRoutes } from './camera_view.js';
import { cameraRoutes } from './cameras.js';
import { caseRoutes } from './cases.js';
import { commandRoutes } from './commands.js';
import { disclosureRoutes } from './disclosures.js';
import { enrolmentRoutes } from './enrolment.js';
import { exportRoutes } from './exports.js';
import { healthRoutes } from './health.js';
import { hitRoutes } from './hits.js';
import { hotListRoutes } from './hot_lists.js';
import { imageRoutes } from './images.js';
import { oversightRoutes } from './oversight.js';
import { peopleRoutes } from './people.js';
import { policyRoutes } from './policy.js';
import type { AnyRoute } from './route.js';
import { searchRoutes } from './searches.js';
import type { Services } from './services.js';
import { sessionRoutes } from './session.js';

/** Every route there is; the paths, the OpenAPI document and the authorisation matrix all come from this table. */
export function allRoutes(services: Services): AnyRoute[] {
  return [
    ...healthRoutes(services),
    ...sessionRoutes(services),
    ...enrolmentRoutes(services),
    ...alertRoutes(services, new AlertBook(services)),
    ...hitRoutes(services),
    ...cameraRoutes(services),
    ...cameraViewRoutes(services),
    ...peopleRoutes(services),
    ...oversightRoutes(services),
    ...policyRoutes(services),
    ...hotListRoutes(services),
    ...searchRoutes(services),
    ...imageRoutes(services),
    ...exportRoutes(services),
    ...caseRoutes(services),
    ...disclosureRoutes(services),
    ...auditDeskRoutes(services),
    ...commandRoutes(services),
  ];
}

/** The line of the policy file that decides about a route; `null` for public and session routes. */
export function ruleOfRoute(policy: Policy, { rule }: AnyRoute): Rule | null {
  if (rule.kind === 'public' || rule.kind === 'session') return null;
  const lines = { view: policy.views, command: policy.commands, access: policy.accesses }[rule.kind];
  return Object.hasOwn(lines, rule.name) ? (lines[rule.name] ?? null) : null;
}

/** @returns a route without a line in the policy file, or a view of the file without a route; `null` when all fit. */
export function unruledRoutes(policy: Policy, routes: readonly AnyRoute[]): string | null {
  const without = routes.find(
    (one) => !['public', 'session'].includes(one.rule.kind) && ruleOfRoute(policy, one) === null,
  );
  if (without !== undefined)
    return `${without.method} ${without.path} has no rule in the policy file; say who may use it`;
  const shown = new Set(routes.flatMap(({ rule }) => (rule.kind === 'view' ? [rule.name] : [])));
  // Asked by the handlers themselves, for the object at hand.
  shown.add('alert.image');
  const nowhere = Object.keys(policy.views).find((name) => !shown.has(name));
  return nowhere === undefined ? null : `views: ${nowhere} does not exist`;
}
