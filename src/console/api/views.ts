/** What the API shows, as this console reads it; one type a view. Times are UTC milliseconds. */

export type SecondFactor =
  | { readonly kind: 'totp'; readonly code: string }
  | { readonly kind: 'passkey'; readonly response: unknown };

export interface DemoLogin {
  readonly userId: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly password: string;
  readonly code: string;
  readonly codeUntilMs: number;
}

/** What may be known before anybody has signed in. */
export interface Banner {
  readonly text: string;
  readonly version: string;
  readonly needsFirstAdministrator: boolean;
  readonly suspended: boolean;
  readonly demo: readonly DemoLogin[] | null;
}

export interface WhyNot {
  readonly code: string;
  readonly clause: string;
  readonly detail: string;
}

export interface SessionView {
  readonly userId: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly isPrincipal: boolean;
  readonly profile: readonly string[] | null;
  readonly training: 'current' | 'missing' | 'expired';
  readonly trainedUntilMs: number | null;
  readonly frozen: boolean;
  readonly idleEndsAtMs: number;
  readonly endsAtMs: number;
  readonly steppedUpUntilMs: number | null;
  readonly demo: boolean;
  readonly suspended: { readonly orderNo: string; readonly sinceMs: number } | null;
  /** For every command, access and view: `null` when allowed now, else why not. */
  readonly can: Readonly<Record<string, WhyNot | null>>;
}

export interface Enrolment {
  readonly totpSecret: string;
  readonly totpUri: string;
}

interface Category {
  readonly id: string;
  readonly label: string;
  readonly clause: string;
  readonly authorised: boolean;
}

/** The words and numbers of the policy in force, for forms. */
export interface Words {
  readonly bases: readonly string[];
  readonly needsCase: readonly string[];
  readonly needsOrder: readonly string[];
  readonly categories: readonly Category[];
  readonly numbers: Readonly<Record<string, number>>;
  readonly cameraKinds: readonly string[];
  readonly jurisdiction: readonly (readonly [number, number])[];
  readonly protocols: readonly string[];
  readonly states: readonly string[];
  readonly roles: readonly string[];
}

/** How far a person has got with a potential hit. */
export interface HitView {
  readonly hitId: string;
  readonly alertId: string;
  readonly cameraId: string;
  readonly category: string;
  readonly openedAtMs: number;
  readonly plate: string | null;
  readonly state: string | null;
  readonly descriptionConflict: boolean;
  readonly descriptionOverridden: boolean;
  readonly verified: { readonly by: string; readonly atMs: number } | null;
  readonly status: { readonly active: boolean; readonly source: string; readonly atMs: number } | null;
  readonly deferral: { readonly dueMs: number; readonly reason: string } | null;
  readonly deferralLate: boolean;
  readonly stopReady: boolean;
  readonly stop: { readonly by: string; readonly atMs: number } | null;
  readonly closed: { readonly disposition: string; readonly caseNo: string | null; readonly by: string } | null;
  /** Oldest first; `to` is nobody in particular of the next shift when it is `null`. */
  readonly handovers: readonly {
    readonly by: string;
    readonly to: string | null;
    readonly note: string;
    readonly atMs: number;
  }[];
}

export interface VehicleWanted {
  readonly make?: string | null;
  readonly model?: string | null;
  readonly colour?: string | null;
  readonly type?: string | null;
  readonly year?: number | null;
}

export interface AlertView {
  readonly id: string;
  readonly sequence: number;
  readonly createdAtMs: number;
  readonly verification: 'unverified' | 'verified' | 'dismissed' | 'deferred';
  readonly canary: boolean;
  readonly hitId: string | null;
  readonly hit: HitView | null;
  readonly category: string;
  readonly kind: string;
  /** Probability that this vehicle really carries the wanted plate, 0..1. */
  readonly chance: number;
  readonly stateAgreement: 'agree' | 'unknown' | 'conflict';
  readonly descriptionConflict: boolean;
  readonly list: {
    readonly source: string;
    readonly version: number;
    readonly compiledAtMs: number;
    readonly ageMs: number;
    readonly stale: boolean;
  };
  /** Plate and state are withheld (`null`) until a person has typed them from the picture. */
  readonly wanted: {
    readonly plate: string | null;
    readonly state: string | null;
    readonly vehicle: VehicleWanted | null;
    readonly reason: string | null;
    readonly originatingAgency: string | null;
    readonly entryId: string;
  };
  readonly read: {
    readonly id: string;
    readonly plate: string | null;
    readonly state: string | null;
    readonly confidence: number | null;
    readonly capturedAtMs: number;
    readonly direction: string;
    readonly cameraId: string;
    readonly frameCount: number;
  };
  readonly camera: { readonly cameraId: string; readonly latitude: number | null; readonly longitude: number | null };
  readonly images: { readonly vehicle: string; readonly plate: string };
  /** Seen so often within a short time that it became urgent. */
  readonly escalation: { readonly sightings: number; readonly cameras: readonly string[] } | null;
  readonly sightings: { readonly count: number; readonly cameras: readonly string[]; readonly lastAtMs: number | null };
}
