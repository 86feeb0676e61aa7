import type { Json } from './journal.js';
import type { Role } from './policy_file.js';

/** Everything the ledger says about who may do what; only `fold.ts` changes it. Ids are `<kind>-<sequence number>`. */
export interface GovernanceState {
  /** Sequence number and time of the last record folded. */
  sequence: number;
  latestMs: number;
  readonly users: Map<string, User>;
  readonly removedIds: Map<string, number>;
  principalUserId: string | null;
  readonly designations: Map<string, Designation>;
  readonly courses: Map<string, Course>;
  readonly trainingSessions: Map<string, TrainingSession>;
  /** By user. */
  readonly certificates: Map<string, Certificate[]>;
  readonly trainingRequirements: { raisedAtMs: number; dueMs: number; why: string }[];
  /** Somebody was trained since the last report. */
  rosterUnsent: boolean;
  readonly rosterReports: Map<string, { sentAtMs: number; acknowledgedAtMs: number | null }>;
  readonly profiles: Map<string, readonly string[]>;
  readonly exceptions: Map<string, Exception>;
  readonly categoryMap: Map<string, string>;
  readonly entryRequests: Map<string, EntryRequest>;
  readonly entries: Map<string, Entry>;
  /** CJIS transaction -> the plate it was about. */
  readonly cjisReferences: Map<string, string>;
  readonly hits: Map<string, Hit>;
  readonly cosigns: Map<string, Cosign>;
  readonly searches: RecentSearch[];
  /** By user and name: what somebody asks again and again, each time with a reason of its own. */
  readonly savedSearches: Map<string, SavedSearch>;
  readonly absences: Map<string, { fromMs: number; toMs: number }>;
  readonly deployments: Map<string, Deployment>;
  readonly cameras: Map<string, GovernedCamera>;
  readonly agencies: Map<string, Agency>;
  readonly vendors: Map<string, Vendor>;
  readonly vendorWindows: Map<string, { userId: string; ticket: string; fromMs: number; toMs: number }>;
  custodian: string | null;
  /** `null`: the policy file's own number. */
  retentionDays: number | null;
  readonly retentionProposals: Map<string, { days: number; by: string; byRole: string; done: boolean }>;
  lastPartitionDropped: string | null;
  readonly holds: Map<string, Hold>;
  readonly disclosures: Map<string, { kind: string; recipient: string; atMs: number }>;
  readonly audits: Map<string, Audit>;
  readonly misuse: Map<string, { userId: string; pattern: string; closed: boolean }>;
  readonly protocols: Map<string, { sha256: string; refs: readonly string[]; atMs: number }>;
  readonly recommendations: Map<string, { text: string; disposition: string | null }>;
  readonly legalItems: Map<string, { title: string; impact: boolean }>;
  readonly changes: Map<string, { what: string; by: string; byRole: string; atMs: number; approvedBy: string | null }>;
  readonly tickets: Map<string, { by: string; text: string; closed: boolean }>;
  suspension: { orderNo: string; sinceMs: number; resumeBy: string | null } | null;
  lastReviewMs: number | null;
  firstRecordMs: number;
  /** Month -> `<action> <decision> <code>` -> how often; for the transparency report. */
  readonly counts: Map<string, Map<string, number>>;
}

export interface User {
  readonly userId: string;
  readonly name: string;
  readonly kind: 'employee' | 'vendor';
  readonly vendorId: string | null;
  readonly createdAtMs: number;
  frozen: boolean;
  /** Last successful login, or creation, or re-enabling: the start of the idle clock. */
  activeAtMs: number;
}

export interface Designation {
  readonly designationId: string;
  readonly userId: string;
  readonly role: Role;
  readonly fromMs: number;
  readonly toMs: number | null;
  revokedAtMs: number | null;
}

interface Course {
  readonly courseHash: string;
  readonly kind: 'alpr' | 'cjis_security';
  readonly modules: readonly string[];
}

interface TrainingSession {
  readonly sessionId: string;
  readonly courseHash: string;
  readonly attendees: readonly string[];
  readonly attendanceSha256: string;
  readonly heldAtMs: number;
}

export interface Certificate {
  readonly kind: 'alpr' | 'cjis_security';
  readonly modules: readonly string[];
  readonly atMs: number;
  readonly score: number;
  readonly courseHash: string;
}

export interface Exception {
  readonly exceptionId: string;
  readonly userId: string;
  readonly category: string;
  readonly fromMs: number;
  readonly caseNo: string;
  toMs: number;
}

/** What the wanted vehicle looks like; a type, not an interface, so that it is also JSON. */
type VehicleWanted = {
  readonly make: string | null;
  readonly model: string | null;
  readonly colour: string | null;
  readonly type: string | null;
  readonly year: number | null;
};

export interface EntryContent {
  readonly plate: string | null;
  readonly state: string | null;
  readonly category: string;
  readonly caseNo: string;
  readonly originAgency: string | null;
  readonly vehicle: VehicleWanted | null;
  readonly expiresAtMs: number;
}

interface EntryRequest extends EntryContent {
  readonly by: string;
  entryId: string | null;
}

export interface Entry extends EntryContent {
  readonly entryId: string;
  readonly version: number;
  readonly requestedBy: string;
  readonly enteredBy: string;
  cjisCheckedAtMs: number | null;
  reviewDueMs: number;
  removedAtMs: number | null;
}

export interface Hit {
  readonly hitId: string;
  readonly alertId: string;
  readonly readId: string;
  readonly cameraId: string;
  readonly entryId: string;
  readonly category: string;
  /** What the list wants; withheld from the person who verifies. */
  readonly plate: string | null;
  readonly state: string | null;
  readonly openedAtMs: number;
  descriptionConflict: boolean;
  verified: { readonly by: string; readonly atMs: number } | null;
  status: { readonly active: boolean; readonly source: string; readonly atMs: number } | null;
  deferral: { readonly dueMs: number; readonly reason: string } | null;
  descriptionOverridden: boolean;
  stop: { readonly by: string; readonly atMs: number } | null;
  readonly handovers: Handover[];
  closed: { readonly disposition: string; readonly caseNo: string | null; readonly by: string } | null;
}

/** An open hit passed on; what is due on it stays due. */
interface Handover {
  readonly by: string;
  /** `null`: whoever works the next shift. */
  readonly to: string | null;
  readonly note: string;
  readonly atMs: number;
}

interface Cosign {
  readonly forUser: string;
  readonly by: string;
  readonly requestSha256: string;
  readonly untilMs: number;
}

export interface RecentSearch {
  readonly userId: string;
  /** A look at a picture or a case, not a search. */
  readonly look: boolean;
  readonly plate: string | null;
  readonly caseNo: string | null;
  readonly facts: string;
  readonly atMs: number;
}

interface SavedSearch {
  readonly userId: string;
  readonly name: string;
  readonly criteria: Json;
  readonly atMs: number;
}

export interface Deployment {
  readonly deploymentId: string;
  readonly kind: 'fixed' | 'nontraditional';
  readonly by: string;
  readonly fromMs: number;
  readonly toMs: number | null;
  approvedBy: string | null;
  needsRatification: boolean;
  endedAtMs: number | null;
  results: string | null;
}

interface GovernedCamera {
  readonly cameraId: string;
  readonly mount: string;
  latitude: number;
  longitude: number;
  readonly deploymentId: string;
  readonly registeredBy: string;
  approvedBy: string | null;
  out: { readonly why: string; repaired: boolean } | null;
  checkedAtMs: number | null;
  /** How it looked just after its last passed check; `null` until enough reads have shown it. */
  baseline: CameraBaseline | null;
}

/** What a camera in order shows: medians over its first reads after a check. A type, so that it is also JSON. */
export type CameraBaseline = {
  readonly tiltDegrees: number | null;
  readonly plateHeightPx: number;
  /** 0..1 */
  readonly confidence: number;
  readonly sharpness: number | null;
  /** Its clock minus ours; `null` when it tells none. */
  readonly clockOffsetMs: number | null;
};

interface Agency {
  readonly agencyId: string;
  readonly kind: 'agency' | 'dcjis';
  mou: { readonly sha256: string; readonly scope: readonly string[]; readonly fromMs: number; toMs: number } | null;
}

interface Vendor {
  readonly vendorId: string;
  readonly addendumAtMs: number;
  readonly screenedAtMs: number;
  readonly expiresAtMs: number;
}

interface Hold {
  readonly caseNo: string;
  readonly readIds: string[];
  dispositionAtMs: number | null;
  disposedAtMs: number | null;
}

interface Audit {
  readonly auditId: string;
  readonly openedAtMs: number;
  readonly auditor: string;
  readonly seed: string;
  /** Records there were when it was opened; the sample is drawn from these. */
  readonly size: number;
  sample: readonly number[] | null;
  readonly findings: Map<string, { text: string; answer: string | null }>;
  closedAtMs: number | null;
}

export function emptyState(): GovernanceState {
  return {
    sequence: 0,
    latestMs: 0,
    users: new Map(),
    removedIds: new Map(),
    principalUserId: null,
    designations: new Map(),
    courses: new Map(),
    trainingSessions: new Map(),
    certificates: new Map(),
    trainingRequirements: [],
    rosterUnsent: false,
    rosterReports: new Map(),
    profiles: new Map(),
    exceptions: new Map(),
    categoryMap: new Map(),
    entryRequests: new Map(),
    entries: new Map(),
    cjisReferences: new Map(),
    hits: new Map(),
    cosigns: new Map(),
    searches: [],
    savedSearches: new Map(),
    absences: new Map(),
    deployments: new Map(),
    cameras: new Map(),
    agencies: new Map(),
    vendors: new Map(),
    vendorWindows: new Map(),
    custodian: null,
    retentionDays: null,
    retentionProposals: new Map(),
    lastPartitionDropped: null,
    holds: new Map(),
    disclosures: new Map(),
    audits: new Map(),
    misuse: new Map(),
    protocols: new Map(),
    recommendations: new Map(),
    legalItems: new Map(),
    changes: new Map(),
    tickets: new Map(),
    suspension: null,
    lastReviewMs: null,
    firstRecordMs: 0,
    counts: new Map(),
  };
}
