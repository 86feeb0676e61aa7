import type { VehicleWanted, WhyNot } from './views.js';

/** Rows of the governance views. */

export interface Items<Row> {
  readonly items: readonly Row[];
}

interface DesignationRow {
  readonly designationId: string;
  readonly role: string;
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly revokedAtMs: number | null;
}

export interface UserRow {
  readonly userId: string;
  readonly name: string;
  readonly kind: 'employee' | 'vendor';
  readonly frozen: boolean;
  readonly activeAtMs: number;
  readonly roles: readonly string[];
  readonly isPrincipal: boolean;
  readonly designations: readonly DesignationRow[];
  readonly training: 'current' | 'missing' | 'expired';
  readonly trainedUntilMs: number | null;
  readonly profile: readonly string[] | null;
  readonly sessionLive: boolean;
}

export interface TrainingView {
  readonly courses: readonly {
    readonly courseHash: string;
    readonly kind: string;
    readonly modules: readonly string[];
  }[];
  readonly sessions: readonly {
    readonly sessionId: string;
    readonly courseHash: string;
    readonly attendees: readonly string[];
    readonly heldAtMs: number;
  }[];
  readonly requirements: readonly { readonly raisedAtMs: number; readonly dueMs: number; readonly why: string }[];
  readonly rosterReports: readonly {
    readonly reportId: string;
    readonly sentAtMs: number;
    readonly acknowledgedAtMs: number | null;
  }[];
}

export interface EntryRow {
  readonly entryId: string;
  readonly plate: string | null;
  readonly state: string | null;
  readonly category: string;
  readonly caseNo: string;
  readonly originAgency: string | null;
  readonly vehicle: VehicleWanted | null;
  readonly expiresAtMs: number;
  readonly version: number;
  readonly requestedBy: string;
  readonly enteredBy: string;
  readonly cjisCheckedAtMs: number | null;
  readonly reviewDueMs: number;
  readonly standing: 'pending' | 'active' | 'review_overdue' | 'expired' | 'removed';
}

export interface EntryRequestRow {
  readonly requestId: string;
  readonly plate: string | null;
  readonly state: string | null;
  readonly category: string;
  readonly caseNo: string;
  readonly originAgency: string | null;
  readonly vehicle: VehicleWanted | null;
  readonly expiresAtMs: number;
  readonly by: string;
  readonly entryId: string | null;
}

export interface CameraRow {
  readonly cameraId: string;
  readonly registered?: boolean;
  readonly mount: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly deploymentId: string | null;
  readonly registeredBy: string | null;
  readonly approvedBy: string | null;
  readonly out: { readonly why: string; readonly repaired: boolean } | null;
  readonly checkedAtMs: number | null;
  readonly checkDueMs: number | null;
  readonly refusal: WhyNot | null;
  readonly live: {
    readonly state: string;
    readonly reason: string;
    readonly counts: Readonly<Record<'captured' | 'inFlight' | 'read' | 'empty' | 'dropped' | 'failed', number>>;
    readonly reasons: Readonly<Record<string, number>>;
  } | null;
}

export interface DeploymentRow {
  readonly deploymentId: string;
  readonly kind: string;
  readonly by: string;
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly approvedBy: string | null;
  readonly needsRatification: boolean;
  readonly endedAtMs: number | null;
}

export interface AuditRow {
  readonly auditId: string;
  readonly openedAtMs: number;
  readonly auditor: string;
  readonly sample: readonly number[] | null;
  readonly findings: readonly { readonly findingId: string; readonly text: string; readonly answer: string | null }[];
  readonly closedAtMs: number | null;
}

/** One record of the ledger: who did what, when and why. */
export interface LedgerRecord {
  readonly seq: number;
  readonly ts_utc: string | number;
  readonly actor_id: string;
  readonly actor_name?: string;
  readonly roles?: readonly string[];
  readonly action: string;
  readonly object_id?: string;
  readonly decision?: string;
  readonly code?: string;
  readonly clause?: string;
  readonly reason?: { readonly basis?: string; readonly facts?: string; readonly caseNo?: string | null } | null;
  readonly request?: unknown;
  readonly result_count?: number;
}

export interface DutyRow {
  readonly clause: string;
  readonly level: string;
  readonly owner: string;
  readonly sentence: string;
  readonly overdueDays: number;
}

export interface ClauseRow {
  readonly clause: string;
  readonly demand: string;
  readonly level: string;
  readonly enforcedBy: readonly string[];
  readonly tests: readonly string[];
  readonly open: boolean;
}
