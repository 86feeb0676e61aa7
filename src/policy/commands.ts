import { alertRuleCommands } from './areas/alert_rules.js';
import { auditCommands } from './areas/audits.js';
import { cameraCommands } from './areas/cameras.js';
import { deploymentCommands } from './areas/deployments.js';
import { descriptionCommands } from './areas/description.js';
import { entryCommands } from './areas/entries.js';
import { handOver } from './areas/handover.js';
import { hitCommands } from './areas/hits.js';
import { outsideCommands } from './areas/outside.js';
import { oversightCommands } from './areas/oversight.js';
import { retentionCommands } from './areas/retention.js';
import { searchCommands } from './areas/searches.js';
import { trainingCommands } from './areas/training.js';
import { userCommands } from './areas/users.js';
import type { AnyCommand } from './command.js';
import type { Policy } from './policy_file.js';

/** Every way to change the governance state, by name; there is no other. */
export const commands: ReadonlyMap<string, AnyCommand> = new Map(
  [
    ...userCommands,
    ...trainingCommands,
    ...alertRuleCommands,
    ...entryCommands,
    ...hitCommands,
    ...descriptionCommands,
    handOver,
    ...searchCommands,
    ...deploymentCommands,
    ...cameraCommands,
    ...outsideCommands,
    ...retentionCommands,
    ...auditCommands,
    ...oversightCommands,
  ].map((one) => [one.action, one]),
);

/** @returns what does not fit between the commands of the program and the rules of the file, or `null`. */
export function unruled(policy: Policy): string | null {
  const without = [...commands.keys()].find((action) => !(action in policy.commands));
  if (without !== undefined) return `commands: ${without} has no rule; say who may do it`;
  const nowhere = Object.keys(policy.commands).find((action) => !commands.has(action));
  return nowhere === undefined ? null : `commands: ${nowhere} does not exist`;
}
