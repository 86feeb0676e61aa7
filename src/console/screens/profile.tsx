import { useState } from 'preact/hooks';
import type { Problem } from '../api/client.js';
import { playFor } from '../feed/sound.js';
import { refreshSession, session, signOut, words } from '../session.js';
import { runCommand } from '../step_up.js';
import { Notice, ProblemNotice } from '../ui/notice.js';

/** Which alerts this person receives: asked at the first login, before anything else [IV.A.3]. */
export function Profile({ first = false }: { first?: boolean }) {
  const authorised = (words.value?.categories ?? []).filter((one) => one.authorised);
  const prohibited = (words.value?.categories ?? []).filter((one) => !one.authorised);
  const [chosen, setChosen] = useState<readonly string[]>(session.value?.profile ?? authorised.map((one) => one.id));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [saved, setSaved] = useState(false);

  async function save(event: Event) {
    event.preventDefault();
    const answer = await runCommand('profile.set', { categories: chosen });
    setProblem(answer.ok ? null : answer.problem);
    setSaved(answer.ok);
    if (answer.ok) await refreshSession();
  }

  const toggle = (id: string) =>
    setChosen((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id]));

  const form = (
    <form class="form" onSubmit={save}>
      <fieldset class="form">
        <legend>Alert me about</legend>
        <ul class="form profile-list">
          {authorised.map((one) => (
            <li key={one.id} class="profile-line">
              <label class="choice">
                <input type="checkbox" checked={chosen.includes(one.id)} onChange={() => toggle(one.id)} />
                {one.label}
              </label>
              <button
                type="button"
                class="button tiny quiet"
                aria-label={`Play the sound of ${one.label}`}
                onClick={() => playFor(one.id)}
              >
                ♪ Sound
              </button>
            </li>
          ))}
        </ul>
      </fieldset>
      <p class="small soft">Never alerted here, by the policy: {prohibited.map((one) => one.label).join(', ')}.</p>
      <ProblemNotice problem={problem} />
      {saved && !first ? <Notice tone="good">Saved.</Notice> : null}
      <div class="buttons">
        <button type="submit" class="button primary">
          {first ? 'Save and begin' : 'Save'}
        </button>
        {first ? (
          <button type="button" class="button" onClick={() => void signOut()}>
            Sign out
          </button>
        ) : null}
      </div>
    </form>
  );
  if (!first) return form;
  return (
    <main class="door">
      <div class="door-card wide">
        <h1>Welcome, {session.value?.name}. Choose your alerts</h1>
        <p class="soft">
          Everybody sets an alert profile at the first sign-in [IV.A.3]. You can change it later under My account.
        </p>
        {form}
      </div>
    </main>
  );
}
