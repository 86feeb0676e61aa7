import { session, signOut, useWaitForAccess } from '../session.js';
import { Notice } from '../ui/notice.js';

/** Signed in, and yet nothing to see: says why and whom to ask. */
export function NoAccess() {
  const view = session.value;
  useWaitForAccess(true);
  return (
    <main class="door">
      <div class="door-card">
        <h1>You are signed in, but have no access</h1>
        {view?.frozen ? (
          <Notice tone="bad">
            <span>Your account is frozen. Ask the ALPR administrator.</span>
            <span class="why digits">ACCOUNT_LOCKED · policy II.pre</span>
          </Notice>
        ) : (
          <Notice tone="bad">
            <span>You are not designated to use this system. The ALPR administrator designates users.</span>
            <span class="why digits">NOT_DESIGNATED · policy IV.A.2</span>
          </Notice>
        )}
        <button type="button" class="button" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
    </main>
  );
}
