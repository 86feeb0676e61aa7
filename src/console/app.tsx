import { useEffect } from 'preact/hooks';
import { place } from './router.js';
import { Enrol } from './screens/enrol.js';
import { NoAccess } from './screens/no_access.js';
import { Profile } from './screens/profile.js';
import { screens } from './screens/screens.js';
import { SignIn } from './screens/sign_in.js';
import { session, start, started } from './session.js';
import { Shell } from './shell.js';
import { StepUpDialog } from './step_up.js';

/** Who is there decides what there is: the door, the first-login profile, or the console. */
export function App() {
  useEffect(() => void start(), []);
  if (!started.value) return null;
  const view = session.value;
  if (view === null) return place.value.screen === 'enrol' ? <Enrol /> : <SignIn />;
  if (view.frozen || view.roles.length === 0) return <NoAccess />;
  if (view.profile === null) return <Profile first />;
  const mine = screens.filter((one) => one.shown());
  const Screen = (mine.find((one) => one.id === place.value.screen) ?? mine[0])?.Screen ?? NoAccess;
  return (
    <Shell>
      <Screen />
      <StepUpDialog />
    </Shell>
  );
}
