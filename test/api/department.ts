import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { Alerts } from '../../src/alert/alerts.js';
import { createApp } from '../../src/api/app.js';
import type { HistoryServices } from '../../src/api/history_services.js';
import type { AnyRoute } from '../../src/api/route.js';
import { allRoutes } from '../../src/api/routes.js';
import type { Services } from '../../src/api/services.js';
import type { Alert } from '../../src/data/alert.js';
import { cameraId, readId } from '../../src/data/ids.js';
import type { Match } from '../../src/data/match.js';
import { fail, ok } from '../../src/data/result.js';
import { openCaseKeeper } from '../../src/history/case_keeper.js';
import { openCosigns } from '../../src/history/cosigns.js';
import { createDisclosures } from '../../src/history/disclosure.js';
import { createHistory } from '../../src/history/history.js';
import { governedBy } from '../../src/hot_lists/authority.js';
import { openHotLists } from '../../src/hot_lists/hot_lists.js';
import { startHitOpener } from '../../src/live/hit_opener.js';
import { hotListSettings } from '../../src/match/settings.js';
import { silentLog } from '../../src/observe/log.js';
import { Accounts } from '../../src/policy/accounts/accounts.js';
import { Credentials } from '../../src/policy/accounts/credentials.js';
import { totpCode } from '../../src/policy/accounts/totp.js';
import type { Policy } from '../../src/policy/policy_file.js';
import { storeSettings } from '../../src/store/settings.js';
import type { Store } from '../../src/store/store.js';
import { hastyDisk, shippedPolicy, staffedWorld, type World } from '../policy/world.js';
import { ApiClient, type Reply } from '../support/api_client.js';

export const plateBytes = Buffer.from('the plate of an invented car');
const vehicleBytes = Buffer.from('an invented car');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
export const password = 'green bicycles sing loudly';

/** A staffed department behind the real HTTP surface, in process: `app.request`, a real ledger, a clock that moves when told to. */
export interface Department extends World {
  readonly app: Hono;
  readonly accounts: Accounts;
  readonly services: Services;
  readonly routes: readonly AnyRoute[];
  readonly alerts: Alerts;
  /** Somebody with a session; signing in is proved elsewhere. */
  signedIn(userId: string, options?: { readonly replace?: boolean }): Promise<ApiClient>;
  signIn(client: ApiClient, userId: string, more?: object): Promise<Reply>;
  stranger(address?: string): ApiClient;
  /** The next code of the user's authenticator. */
  code(userId: string): string;
  /** A match of an invented plate, raised as an alert; its hit is open when this resolves. */
  alert(category: string, plate?: string): Promise<Alert>;
  damagePictures(): void;
}

type History = HistoryServices & { close(): Promise<void> };

/** Rules without a bulk store behind them: enough where nothing that is kept is shown. */
function withoutStore({ governance, ledger }: World): History {
  const store = {} as Store;
  const parts = { governance, ledger, store, log: silentLog };
  const cosigns = openCosigns(ledger, () => governance.nowMs());
  const limits = storeSettings.parse({}).search;
  const cases = openCaseKeeper(parts);
  return {
    reads: createHistory({ ...parts, cosigns, limits, cameras: () => ['cam-1'], exportFolder: '' }),
    cases,
    disclosures: createDisclosures(parts),
    desk: { looks: async () => [], compare: async () => ({ records: 0, whole: true }) },
    async close() {
      cosigns.close();
      await cases.close();
    },
  };
}

export async function openDepartment(
  policy: Policy = shippedPolicy,
  historyOf: (world: World) => History | Promise<History> = withoutStore,
): Promise<Department> {
  const world = await staffedWorld(policy, hastyDisk);
  const { clock, governance, ledger, dir } = world;
  const credentials = new Credentials(join(dir, 'keys', 'credentials.json'));
  const accounts = new Accounts({ governance, credentials, clock });
  const alerts = new Alerts({ file: join(dir, 'alerts.jsonl'), clock, coolDownMs: 0 });
  const hits = startHitOpener(alerts, { governance, ledger }, silentLog);
  const openedLists = await openHotLists({
    ...{ settings: hotListSettings.parse({ sources: [{ name: 'city', format: 'csv' }] }), dataDir: join(dir, 'lists') },
    ...{ clock, log: silentLog, authority: governedBy(governance) },
  });
  if (!openedLists.ok) throw new Error(openedLists.error);
  const hotLists = openedLists.value;
  const history = await historyOf(world);
  let damaged = false;
  const services: Services = {
    clock,
    log: silentLog,
    governance,
    accounts,
    ledger,
    history,
    feed: alerts,
    evidence: async (_receipt, alertId, kind) => {
      if (damaged) return fail('DAMAGED');
      if (!alertId.startsWith('alert-')) return fail('NOT_FOUND');
      return ok(kind === 'plate' ? plateBytes : vehicleBytes);
    },
    hotLists,
    onFeedClients: () => {},
    cameras: () => [],
    cameraViews: { alignment: () => null, picture: async () => null },
    notReady: () => [],
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    testTitles: () => [],
    demo: null,
    server: { origin: null, trustedProxies: [], metricsToken: null },
  };
  const app = createApp(services);
  const secrets = new Map<string, string>();
  const client = (address = '198.51.100.7') =>
    new ApiClient((path, init) => app.request(path, init, { incoming: { socket: { remoteAddress: address } } }));

  async function enrolled(userId: string): Promise<void> {
    if (secrets.has(userId)) return;
    const { token } = accounts.enrolments.issue(userId);
    const { status, body } = await client(`enrol-${userId}`).post('/api/enrol', { userId, token, password });
    if (status !== 200) throw new Error(JSON.stringify(body));
    secrets.set(userId, String(body['totpSecret']));
  }

  function code(userId: string): string {
    clock.advance(30_000);
    return totpCode(secrets.get(userId) ?? '', clock.nowMs());
  }

  async function signIn(one: ApiClient, userId: string, more: object = {}): Promise<Reply> {
    await enrolled(userId);
    const factor = { kind: 'totp', code: code(userId) };
    return one.post('/api/session', { userId, password, factor, acknowledgedBanner: true, ...more });
  }

  return {
    ...world,
    app,
    accounts,
    services,
    routes: allRoutes(services),
    alerts,
    stranger: client,
    code,
    signIn,
    async signedIn(userId, { replace = true } = {}) {
      const one = client(`desk-of-${userId}-${clock.nowMs()}`);
      const { status, body } = await signIn(one, userId, { replace });
      if (status !== 201) throw new Error(JSON.stringify(body));
      return one;
    },
    async alert(category, plate = '7ABC12') {
      const raised = await alerts.raise(matchOf(category, plate, clock.nowMs()));
      if (raised === null) throw new Error('no alert');
      await hits.hitOf(raised.id);
      return raised;
    },
    damagePictures: () => {
      damaged = true;
    },
    async close() {
      hits.close();
      await alerts.close();
      await hotLists.stop();
      await history.close();
      await world.close();
    },
  };
}

let reads = 0;

function matchOf(category: string, plate: string, nowMs: number): Match {
  reads += 1;
  const list = { version: 1, sha256: '0'.repeat(64), compiledAtMs: nowMs, loadedAtMs: nowMs, entries: 1 };
  return {
    kind: 'exact',
    read: {
      id: readId(`e1-cam-1-${reads}`),
      cameraId: cameraId('cam-1') ?? ('' as never),
      plate,
      confidence: 0.97,
      alternatives: [{ text: plate, confidence: 0.97 }],
      state: 'MA',
      stateConfidence: 0.9,
      capturedAtMs: nowMs,
      captureClock: 'rtcp',
      firstSeenAtMs: nowMs,
      lastSeenAtMs: nowMs,
      frameCount: 5,
      direction: 'approaching',
      box: { x: 1, y: 2, width: 30, height: 10 },
      evidence: {
        vehicle: vehicleBytes,
        vehicleSha256: sha256(vehicleBytes),
        plate: plateBytes,
        plateSha256: sha256(plateBytes),
      },
      model: 'd+r',
    },
    matchedText: plate,
    entry: {
      entryId: `list:${plate}`,
      plate,
      state: 'MA',
      category,
      source: 'csv',
      vehicle: null,
      originatingAgency: null,
      expiresAtMs: null,
      reason: `taken from a driveway, plate ${plate.slice(0, 4)} ${plate.slice(4)}`,
    },
    list,
    listAgeMs: 0,
    stale: false,
    stateAgreement: 'agree',
    chance: 0.97,
  } as Match;
}
