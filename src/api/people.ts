import { ok } from '../data/result.js';
import { rolesOf } from '../policy/gates.js';
import { trainedUntilMs, trainingStanding } from '../policy/training.js';
import { withIds } from './cameras.js';
import { type AnyRoute, view } from './route.js';
import type { Services } from './services.js';

/** Who is who: users with designations and training, courses and sessions, exceptions. */
export function peopleRoutes({ governance, accounts }: Services): AnyRoute[] {
  const standing = (userId: string) => ({
    training: trainingStanding(governance.state(), governance.policy, userId, governance.nowMs()),
    trainedUntilMs: trainedUntilMs(governance.state(), governance.policy, userId),
  });
  return [
    view({
      name: 'users',
      summary: 'Users with their designations, training and sessions.',
      handle() {
        const { users, designations, principalUserId } = governance.state();
        const items = [...users.values()].map((user) => ({
          ...user,
          roles: rolesOf(governance.state(), user.userId, governance.nowMs()),
          isPrincipal: user.userId === principalUserId,
          designations: [...designations.values()].filter((one) => one.userId === user.userId),
          ...standing(user.userId),
          profile: governance.profileOf(user.userId),
          sessionLive: accounts.isLoggedIn(user.userId),
        }));
        return ok({ items });
      },
    }),
    view({
      name: 'training',
      summary: 'Courses, sessions with their attendance, certificates, requirements and roster reports.',
      handle() {
        const { users, courses, trainingSessions, certificates, trainingRequirements, rosterReports } =
          governance.state();
        return ok({
          courses: [...courses.values()],
          sessions: [...trainingSessions.values()],
          requirements: trainingRequirements,
          rosterReports: withIds('reportId', rosterReports),
          standings: [...users.keys()].map((userId) => ({
            userId,
            ...standing(userId),
            certificates: certificates.get(userId) ?? [],
          })),
        });
      },
    }),
    view({
      name: 'exceptions',
      summary: 'Exceptions of single users to the prohibited categories.',
      handle: () => ok({ items: [...governance.state().exceptions.values()] }),
    }),
  ];
}
