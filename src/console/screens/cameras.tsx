import type { CameraRow, DeploymentRow, Items } from '../api/records.js';
import { Plan } from '../map/plan.js';
import { hrefOf, place } from '../router.js';
import { may, words } from '../session.js';
import { CommandButton, type CommandSpec } from '../ui/command_form.js';
import { useView, When } from '../ui/load.js';
import { Tag } from '../ui/notice.js';
import { Screen, Section } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { dayOf, titleOf } from '../ui/words.js';
import { CameraView } from './camera_view.js';
import { Deployments, type DeploymentsView, requestDeployment } from './deployments.js';

/** All cameras, or for a technician one of them as it is now. */
export function Cameras() {
  const { about } = place.value;
  return about !== null && may('camera.view') ? <CameraView key={about} cameraId={about} /> : <AllCameras />;
}

/** Where cameras stand, whether they may be used, and how they do. */
function AllCameras() {
  const cameras = useView<Items<CameraRow>>('/api/views/cameras');
  const deployments = useView<DeploymentsView>(may('deployments') ? '/api/views/deployments' : null);
  const again = () => Promise.all([cameras.again(), deployments.again()]);
  return (
    <Screen
      title="Cameras"
      actions={
        <>
          {may('camera.register') ? (
            <CommandButton spec={registerSpec(deployments.value?.items ?? [])} onDone={again} />
          ) : null}
          {may('deployment.request') ? <CommandButton spec={requestDeployment} onDone={again} /> : null}
        </>
      }
    >
      <When loaded={cameras}>
        {({ items }) => (
          <>
            <Table
              label="Cameras"
              rows={items}
              keyOf={(one) => one.cameraId}
              empty="No camera is registered"
              columns={[
                { title: 'Camera', cell: (one) => <strong class="digits">{one.cameraId}</strong> },
                { title: 'In use', cell: (one) => <InUse camera={one} /> },
                { title: 'Stream', cell: (one) => <Stream camera={one} /> },
                { title: 'Frames', cell: (one) => <Frames camera={one} /> },
                { title: 'Check', cell: (one) => <Check camera={one} /> },
                { title: '', cell: (one) => <CameraActions camera={one} onDone={again} /> },
              ]}
            />
            <Section title="Where they stand">
              <Plan outline={words.value?.jurisdiction ?? []} cameras={items.flatMap(planned)} />
            </Section>
          </>
        )}
      </When>
      {may('deployments') ? (
        <When loaded={deployments}>{(view) => <Deployments view={view} onDone={again} />}</When>
      ) : null}
    </Screen>
  );
}

function planned({ cameraId, latitude, longitude, refusal }: CameraRow) {
  return latitude === null || longitude === null ? [] : [{ id: cameraId, latitude, longitude, ok: refusal === null }];
}

function InUse({ camera: { refusal, mount } }: { camera: CameraRow }) {
  if (refusal === null) return <Tag tone="good">in service{mount ? `, ${mount}` : ''}</Tag>;
  return (
    <>
      <Tag tone="bad">{titleOf(refusal.code.toLowerCase())}</Tag>
      <div class="small soft">
        {refusal.detail} [{refusal.clause}]
      </div>
    </>
  );
}

function Stream({ camera: { live } }: { camera: CameraRow }) {
  if (live === null) return <span class="soft">not configured</span>;
  const tone = live.state === 'playing' || live.state === 'running' || live.state === 'live' ? 'good' : 'warn';
  return (
    <>
      <Tag tone={tone}>{live.state}</Tag>
      {live.reason ? <div class="small soft">{live.reason}</div> : null}
    </>
  );
}

function Frames({ camera: { live } }: { camera: CameraRow }) {
  if (live === null) return null;
  const { captured, dropped, failed } = live.counts;
  return (
    <span class="digits small">
      {captured.toLocaleString()} captured
      <br />
      {dropped.toLocaleString()} dropped, {failed.toLocaleString()} failed
    </span>
  );
}

function Check({ camera: { checkedAtMs, checkDueMs } }: { camera: CameraRow }) {
  if (checkedAtMs === null) return <Tag tone="warn">never passed</Tag>;
  const late = checkDueMs !== null && checkDueMs < Date.now();
  return (
    <>
      <div>{dayOf(checkedAtMs)}</div>
      <div class={`small ${late ? '' : 'soft'}`}>
        {checkDueMs === null ? '' : `${late ? 'OVERDUE since' : 'due'} ${dayOf(checkDueMs)}`}
      </div>
    </>
  );
}

function CameraActions({ camera, onDone }: { camera: CameraRow; onDone: () => unknown }) {
  const { cameraId, out, registered } = camera;
  if (registered === false) return null;
  const on = (action: string, title: string, fields: CommandSpec['fields'], about = ''): CommandSpec => ({
    action,
    title,
    about,
    fixed: { cameraId },
    fields,
  });
  return (
    <div class="buttons">
      {may('camera.view') && camera.live !== null ? (
        <a class="button tiny" href={hrefOf('cameras', cameraId)}>
          Look
        </a>
      ) : null}
      {may('camera.approve') && camera.approvedBy === null ? (
        <CommandButton tiny label="Approve" spec={on('camera.approve', `Approve ${cameraId}`, [])} onDone={onDone} />
      ) : null}
      {may('camera.check') ? <CommandButton tiny label="Check" spec={checkSpec(cameraId)} onDone={onDone} /> : null}
      {may('camera.take_out') && out === null ? (
        <CommandButton
          tiny
          label="Take out"
          spec={on(
            'camera.take_out',
            `Take ${cameraId} out of service`,
            [{ name: 'why', label: 'What is wrong', kind: 'area' }],
            'Anybody trained may do this; its reads stop alerting at once.',
          )}
          onDone={onDone}
        />
      ) : null}
      {may('camera.move') && camera.latitude !== null ? (
        <CommandButton tiny label="Move" spec={moveSpec(camera)} onDone={onDone} />
      ) : null}
      {may('camera.repair') && out !== null && !out.repaired ? (
        <CommandButton
          tiny
          label="Repaired"
          spec={on('camera.repair', `Record the repair of ${cameraId}`, [
            { name: 'done', label: 'What was done', kind: 'area' },
          ])}
          onDone={onDone}
        />
      ) : null}
      {may('camera.put_in') && out !== null ? (
        <CommandButton
          tiny
          label="Return to service"
          spec={on(
            'camera.put_in',
            `Return ${cameraId} to service`,
            [],
            'Only after a repair and a passed check since.',
          )}
          onDone={onDone}
        />
      ) : null}
    </div>
  );
}

function checkSpec(cameraId: string): CommandSpec {
  return {
    action: 'camera.check',
    title: `Check of ${cameraId}`,
    about: 'What fails a check leaves service at once [IV.B.2.a(3)].',
    fixed: { cameraId },
    fields: [
      {
        name: 'passed',
        label: 'Result',
        kind: 'yes_no',
        options: [
          { value: 'yes', label: 'Works and looks where it should' },
          { value: 'no', label: 'Does not' },
        ],
      },
      { name: 'findings', label: 'Findings', kind: 'area' },
    ],
  };
}

function moveSpec({ cameraId, latitude, longitude }: CameraRow): CommandSpec {
  return {
    action: 'camera.move',
    title: `Move ${cameraId}`,
    about: 'Out of use until somebody else approves the new place and a check has passed there [III.K].',
    fixed: { cameraId },
    fields: [
      { name: 'latitude', label: 'Latitude', kind: 'number', initial: latitude, half: true },
      { name: 'longitude', label: 'Longitude', kind: 'number', initial: longitude, half: true },
    ],
  };
}

function registerSpec(deployments: readonly DeploymentRow[]): CommandSpec {
  return {
    action: 'camera.register',
    title: 'Register a camera',
    about: 'Fixed, inside the city, for a deployment [I.p2, III.H].',
    fields: [
      { name: 'cameraId', label: 'Name', kind: 'text', hint: 'As in the configuration: a-z 0-9 -' },
      {
        name: 'mount',
        label: 'Mounted on',
        kind: 'select',
        options: (words.value?.cameraKinds ?? []).map((one) => ({ value: one, label: titleOf(one) })),
      },
      { name: 'latitude', label: 'Latitude', kind: 'number' },
      { name: 'longitude', label: 'Longitude', kind: 'number' },
      {
        name: 'deploymentId',
        label: 'Deployment',
        kind: 'select',
        options: deployments.map((one) => ({ value: one.deploymentId, label: `${one.deploymentId}, ${one.kind}` })),
      },
    ],
  };
}
