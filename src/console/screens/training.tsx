import type { TrainingView } from '../api/records.js';
import { may } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Notice, Tag } from '../ui/notice.js';
import { Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, titleOf } from '../ui/words.js';

const modules = [
  { value: 'operation', label: 'Operation' },
  { value: 'data_security', label: 'Data security' },
  { value: 'policy', label: 'Policy' },
];

const requireTraining: CommandSpec = {
  action: 'training.require',
  title: 'Ask everybody for training',
  about:
    'After a significant change: whoever has not been trained since is out when the days of grace are over [IV.E.2].',
  fields: [{ name: 'why', label: 'What has changed', kind: 'area' }],
};

const approveCourse: CommandSpec = {
  action: 'training.approve_course',
  title: 'Approve a course',
  about: 'A course is its materials, recorded by their digest [IV.E.3].',
  fields: [
    {
      name: 'kind',
      label: 'Kind',
      kind: 'select',
      options: [
        { value: 'alpr', label: 'ALPR training' },
        { value: 'cjis_security', label: 'CJIS security training' },
      ],
    },
    { name: 'title', label: 'Title', kind: 'text' },
    { name: 'materialsSha256', label: 'Course materials', kind: 'document' },
    { name: 'modules', label: 'Modules covered', kind: 'checks', options: modules },
  ],
};

function recordSession(courses: TrainingView['courses']): CommandSpec {
  return {
    action: 'training.record_session',
    title: 'Record a session',
    fields: [
      {
        name: 'courseHash',
        label: 'Course',
        kind: 'select',
        options: courses.map((one) => ({
          value: one.courseHash,
          label: `${titleOf(one.kind)} ${one.courseHash.slice(0, 8)}`,
        })),
      },
      { name: 'attendees', label: 'Attendees', kind: 'list', hint: 'Logins, separated by spaces or commas' },
      { name: 'attendanceSha256', label: 'Attendance log', kind: 'document' },
      { name: 'heldAtMs', label: 'Held', kind: 'moment' },
    ],
  };
}

function certify(sessions: TrainingView['sessions']): CommandSpec {
  return {
    action: 'training.certify',
    title: 'Certify',
    fields: [
      { name: 'userId', label: 'Login', kind: 'text' },
      {
        name: 'sessionId',
        label: 'Session',
        kind: 'select',
        options: sessions.map((one) => ({ value: one.sessionId, label: `${one.sessionId}, ${dayOf(one.heldAtMs)}` })),
      },
      { name: 'score', label: 'Score', kind: 'number', hint: '0 to 100' },
      { name: 'certificateSha256', label: 'Certificate', kind: 'document' },
    ],
  };
}

/** Courses, who attended which session, what is asked of everybody, and the roster for the training unit [IV.E]. */
export function TrainingSection() {
  const training = useView<TrainingView>('/api/views/training');
  const { again } = training;
  return (
    <When loaded={training}>
      {({ courses, sessions, requirements, rosterReports }) => (
        <Section
          title="Training"
          actions={
            <>
              {may('training.approve_course') ? <CommandButton spec={approveCourse} onDone={again} /> : null}
              {may('training.record_session') ? <CommandButton spec={recordSession(courses)} onDone={again} /> : null}
              {may('training.certify') ? <CommandButton spec={certify(sessions)} onDone={again} /> : null}
              {may('training.require') ? <CommandButton spec={requireTraining} onDone={again} /> : null}
              {may('training.report') ? (
                <CommandButton
                  spec={{ action: 'training.report', title: 'Send the roster', fields: [] }}
                  onDone={again}
                />
              ) : null}
            </>
          }
        >
          <Table
            label="Training sessions"
            rows={[...sessions].reverse()}
            keyOf={(one) => one.sessionId}
            empty="No session recorded"
            columns={[
              { title: 'Session', cell: (one) => one.sessionId },
              { title: 'Held', cell: (one) => dayOf(one.heldAtMs) },
              { title: 'Course', cell: (one) => <span class="digits small">{one.courseHash.slice(0, 12)}</span> },
              { title: 'Attended by', cell: (one) => one.attendees.join(', ') },
            ]}
          />
          <Requirements rows={requirements} />
          {rosterReports
            .filter((one) => one.acknowledgedAtMs === null)
            .map((one) => (
              <Notice key={one.reportId} tone="warn">
                <span>
                  Roster sent {dayOf(one.sentAtMs)}, not acknowledged by the training unit.{' '}
                  {may('training.acknowledge') ? (
                    <CommandButton
                      tiny
                      label="Acknowledge"
                      spec={{
                        action: 'training.acknowledge',
                        title: 'Acknowledge the roster',
                        fixed: { reportId: one.reportId },
                        fields: [],
                      }}
                      onDone={again}
                    />
                  ) : null}
                </span>
              </Notice>
            ))}
        </Section>
      )}
    </When>
  );
}

function Requirements({ rows }: { rows: TrainingView['requirements'] }) {
  if (rows.length === 0) return null;
  return (
    <Table
      label="Training that was asked for"
      rows={[...rows].reverse()}
      keyOf={(one) => String(one.raisedAtMs)}
      empty=""
      columns={[
        { title: 'Asked', cell: (one) => dayOf(one.raisedAtMs) },
        { title: 'Because', cell: (one) => one.why },
        {
          title: 'Due',
          cell: (one) => <Tag tone={one.dueMs < Date.now() ? 'bad' : 'warn'}>{dayOf(one.dueMs)}</Tag>,
        },
      ]}
    />
  );
}
