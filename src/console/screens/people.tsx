import { useState } from 'preact/hooks';
import type { Done } from '../api/client.js';
import type { Items, UserRow } from '../api/records.js';
import { may, words } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { Dialog } from '../ui/dialog.js';
import { useView, When } from '../ui/load.js';
import { Notice, Tag } from '../ui/notice.js';
import { Screen } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, momentOf, titleOf } from '../ui/words.js';
import { TrainingSection } from './training.js';

const dayMs = 86_400_000;
const why = { name: 'why', label: 'Why', kind: 'area' } as const;

const createUser: CommandSpec = {
  action: 'user.create',
  title: 'New login',
  about: 'A unique login for one person [IV.C.4]. You receive a one-time token to hand over; it is shown once.',
  fields: [
    { name: 'userId', label: 'Login', kind: 'text', hint: '2 to 32 of a-z 0-9 . _ -, starting with a letter' },
    { name: 'name', label: 'Name', kind: 'text' },
    {
      name: 'kind',
      label: 'Kind',
      kind: 'select',
      initial: 'employee',
      options: [
        { value: 'employee', label: 'Of the department' },
        { value: 'vendor', label: 'Of a vendor' },
      ],
      half: true,
    },
    { name: 'vendorId', label: 'Vendor', kind: 'text', optional: true, half: true },
  ],
};

function person(action: string, title: string, about: string, userId: string): CommandSpec {
  return { action, title, about, fixed: { userId }, fields: [why] };
}

function designate(userId: string): CommandSpec {
  const roleOptions = (words.value?.roles ?? [])
    .filter((one) => one !== 'system')
    .map((value) => ({ value, label: titleOf(value) }));
  return {
    action: 'designation.grant',
    title: 'Designate',
    about: 'A dated right to use the system, given by somebody else [IV.A.2].',
    fixed: { userId },
    fields: [
      { name: 'role', label: 'Role', kind: 'select', options: roleOptions },
      { name: 'toMs', label: 'Until', kind: 'moment', optional: true },
      { name: 'scope', label: 'Scope', kind: 'text', hint: 'What for, in a few words' },
    ],
  };
}

/** The department head names the administrator, one at a time [III.D]. */
function principal(user: UserRow, current: UserRow | undefined): CommandSpec {
  return {
    action: 'principal.set',
    title: `Make ${user.name} the administrator`,
    about: current ? `${current.name} is not the administrator any more.` : 'There is none at the moment.',
    fixed: { userId: user.userId, replaces: current?.userId ?? null },
    fields: [],
    grave: true,
  };
}

/** Who may do what, until when, and why. */
export function People() {
  const users = useView<Items<UserRow>>(may('users') ? '/api/views/users' : null);
  const [token, setToken] = useState<Done['enrolment'] | null>(null);
  const done = async (result?: Done) => {
    await users.again();
    if (result?.enrolment) setToken(result.enrolment);
  };
  return (
    <Screen title="People" actions={may('user.create') ? <CommandButton spec={createUser} onDone={done} /> : null}>
      {may('users') ? (
        <When loaded={users}>
          {({ items }) => (
            <Table
              label="Users"
              rows={items}
              keyOf={(one) => one.userId}
              empty="Nobody yet"
              columns={[
                { title: 'Person', cell: (one) => <Person user={one} /> },
                { title: 'Roles', cell: (one) => <Roles user={one} onDone={done} /> },
                { title: 'Training', cell: (one) => <Training user={one} /> },
                {
                  title: 'Last active',
                  cell: (one) => (one.sessionLive ? <Tag tone="good">signed in</Tag> : momentOf(one.activeAtMs)),
                },
                { title: '', cell: (one) => <PersonActions user={one} users={items} onDone={done} /> },
              ]}
            />
          )}
        </When>
      ) : null}
      {may('training') ? <TrainingSection /> : null}
      {token ? <TokenDialog token={token} onClose={() => setToken(null)} /> : null}
    </Screen>
  );
}

function TokenDialog({ token, onClose }: { token: NonNullable<Done['enrolment']>; onClose: () => void }) {
  return (
    <Dialog title={`One-time token of ${token.userId}`} onClose={onClose}>
      <div class="form">
        <Notice tone="warn">
          Shown once. Hand it to the person, not by e-mail; it works once, until {momentOf(token.untilMs)}.
        </Notice>
        <code class="digits secret">{token.token}</code>
        <button type="button" class="button primary" onClick={onClose}>
          I have handed it over
        </button>
      </div>
    </Dialog>
  );
}

function Person({ user }: { user: UserRow }) {
  return (
    <>
      <strong>{user.name}</strong>
      <div class="small soft digits">{user.userId}</div>
      {user.frozen ? <Tag tone="bad">frozen</Tag> : null}
      {user.kind === 'vendor' ? <Tag>vendor</Tag> : null}
    </>
  );
}

function Roles({ user, onDone }: { user: UserRow; onDone: () => unknown }) {
  const live = user.designations.filter((one) => one.revokedAtMs === null && user.roles.includes(one.role));
  return (
    <ul>
      {user.isPrincipal ? (
        <li>
          <Tag tone="accent">Administrator in person</Tag>
        </li>
      ) : null}
      {live.map((one) => (
        <li key={one.designationId} class="role-line">
          {titleOf(one.role)}
          {one.toMs ? <span class="small soft"> until {dayOf(one.toMs)}</span> : null}
          {may('designation.revoke') ? (
            <CommandButton
              tiny
              label="Revoke"
              spec={{
                action: 'designation.revoke',
                title: `Revoke ${titleOf(one.role)} of ${user.name}`,
                fixed: { designationId: one.designationId },
                fields: [why],
              }}
              onDone={onDone}
            />
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function Training({ user }: { user: UserRow }) {
  const tone = user.training === 'current' ? 'good' : user.training === 'expired' ? 'bad' : 'warn';
  return (
    <>
      <Tag tone={tone}>{user.training}</Tag>
      {user.trainedUntilMs ? <div class="small soft">until {dayOf(user.trainedUntilMs)}</div> : null}
    </>
  );
}

function PersonActions(props: { user: UserRow; users: readonly UserRow[]; onDone: (done?: Done) => unknown }) {
  const { user, users, onDone } = props;
  const { userId, name } = user;
  const idleDays = words.value?.numbers['idleDisableDays'] ?? 90;
  return (
    <div class="buttons">
      {may('designation.grant') ? (
        <CommandButton tiny label="Designate" spec={designate(userId)} onDone={onDone} />
      ) : null}
      {may('user.freeze') && !user.frozen ? (
        <CommandButton
          tiny
          label="Freeze"
          spec={person('user.freeze', `Freeze ${name}`, 'Ends every use at once.', userId)}
          onDone={onDone}
        />
      ) : null}
      {may('user.unfreeze') && user.frozen ? (
        <CommandButton
          tiny
          label="Unfreeze"
          spec={person('user.unfreeze', `Unfreeze ${name}`, 'Lets this person in again.', userId)}
          onDone={onDone}
        />
      ) : null}
      {may('user.reenable') && Date.now() - user.activeAtMs > idleDays * dayMs ? (
        <CommandButton
          tiny
          label="Re-enable"
          spec={person('user.reenable', `Re-enable ${name}`, `Unused for more than ${idleDays} days [II.E].`, userId)}
          onDone={onDone}
        />
      ) : null}
      {may('principal.set') && !user.isPrincipal ? (
        <CommandButton
          tiny
          label="Administrator"
          spec={principal(
            user,
            users.find((one) => one.isPrincipal),
          )}
          onDone={onDone}
        />
      ) : null}
      {may('user.remove') && !user.isPrincipal ? (
        <CommandButton
          tiny
          label="Remove"
          spec={{
            ...person('user.remove', `Remove ${name}`, 'The login is given to nobody else.', userId),
            grave: true,
          }}
          onDone={onDone}
        />
      ) : null}
      {may('user.recover') ? (
        <CommandButton
          tiny
          label="New token"
          spec={person(
            'user.recover',
            `New token for ${name}`,
            'For somebody who lost a factor; the old password and factors end.',
            userId,
          )}
          onDone={onDone}
        />
      ) : null}
    </div>
  );
}
