import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { fail, ok, type Result } from '../data/result.js';

export const roleNames = [
  'operator',
  'supervisor',
  'administrator',
  'duty_chief',
  'technician',
  'records',
  'training',
  'auditor',
  'vendor',
  'department_head',
  'system',
] as const;
export type Role = (typeof roleNames)[number];
export type Level = 'refuse' | 'warn' | 'record';

/** Who may, and what else must hold: `use` = designation, training and profile; `duty` = designation and profile; `open` = designation. */
const rule = z.strictObject({
  roles: z.array(z.enum(roleNames)).min(1),
  clause: z.string(),
  gate: z.enum(['use', 'duty', 'open']),
  stepUp: z.boolean().default(false),
  /** Of a view: each look is recorded, not only each refusal. */
  recorded: z.boolean().default(false),
});
export type Rule = z.infer<typeof rule>;

const count = z.int().min(0);
const numbers = z.strictObject({
  retentionDays: count,
  retentionDaysMin: z.int().min(15),
  retentionDaysMax: z.int().max(30),
  partitionsPerRunMax: count,
  clockJumpMinutesMax: count,
  idleDisableDays: count,
  idReuseDays: count,
  sessionIdleMinutes: count,
  sessionHours: count,
  stepUpMinutes: count,
  failuresMax: count,
  failureWindowMinutes: count,
  attemptsPerAddressMax: count,
  passwordCharsMin: z.int().min(8),
  trainingYears: count,
  cjisTrainingYears: count,
  trainingScoreMin: count,
  trainingReportDays: count,
  requirementGraceDays: count,
  exceptionDaysMax: count,
  entryDaysMax: count,
  entryReviewDays: count,
  descriptionHoursMax: count,
  cjisCheckHoursMax: count,
  verificationSecondsMin: count,
  deferralMinutesMax: count,
  searchKnownCharsMin: count,
  searchRowsMax: count,
  searchesPerHourMax: count,
  looksPerHourMax: count,
  repeatTargetMax: count,
  repeatTargetDays: count,
  cosignHours: count,
  exportRowsMax: count,
  exportRowsCosignedMax: count,
  cameraCheckDays: count,
  cameraBaselineReads: z.int().min(1),
  cameraLeaningReads: z.int().min(1),
  cameraTiltDegreesMax: count,
  cameraPlateHeightPercentMax: count,
  cameraConfidencePointsMax: count,
  cameraSharpnessPercentMax: count,
  cameraStreamSeconds: count,
  cameraFpsPercentMin: count,
  cameraClockSecondsMax: count,
  absenceDaysMax: count,
  vendorWindowHoursMax: count,
  changeHoursMax: count,
  auditEveryDays: count,
  auditSample: count,
  auditBlockExportsDays: count,
  auditBlockSearchesDays: count,
  operatorsMin: count,
  staffingLookAheadDays: count,
  reviewEveryDays: count,
  dispositionDisposalHours: count,
  auditLogDaysMin: z.int().min(365),
});

const clause = z.strictObject({
  id: z.string().min(1),
  demand: z.string().min(1),
  level: z.enum(['refuse', 'warn', 'record']),
  enforcedBy: z.array(z.string().min(1)).min(1),
});

/** A shift may pass midnight: `from: '23:00', to: '07:00'`. */
const shift = z.strictObject({ from: z.iso.time({ precision: -1 }), to: z.iso.time({ precision: -1 }) });

const schema = z.strictObject({
  id: z.string().min(1),
  effective: z.iso.date(),
  strict: z.boolean().default(false),
  banner: z.string().min(1),
  categories: z.strictObject({
    authorised: z.record(z.string(), z.string()),
    prohibited: z.record(z.string(), z.string()),
    byHand: z.array(z.string()).default([]),
  }),
  reason: z.strictObject({
    bases: z.array(z.string()).min(1),
    needsCase: z.array(z.string()),
    needsOrder: z.array(z.string()),
    factsCharsMin: count,
    factsDistinctWordsMin: count,
    stockPhrases: z.array(z.string()),
    prohibitedTerms: z.array(z.string()),
  }),
  jurisdiction: z.array(z.tuple([z.number(), z.number()])).min(3),
  cameraKinds: z.array(z.string()).min(1),
  numbers,
  /** Whose working hours are known, in UTC; who is not named here is never thought off shift. */
  shifts: z.record(z.string(), z.array(shift).min(1)).default({}),
  protocols: z.array(z.string()),
  commands: z.record(z.string(), rule),
  accesses: z.record(z.string(), rule),
  views: z.record(z.string(), rule),
  clauses: z.array(clause).min(1),
});

/** A department's policy, and the digest that every ledger record carries. */
export interface Policy extends z.infer<typeof schema> {
  readonly sha256: string;
}

/** @returns the policy, or one line that says what in the file is wrong. */
export function parsePolicy(text: string, file: string): Result<Policy, string> {
  const document = parseDocument(text);
  const syntax = document.errors[0];
  if (syntax) return fail(`${file}: not YAML: ${syntax.message.split('\n')[0]}`);
  const parsed = schema.safeParse(document.toJS());
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return fail(`${file}: ${issue?.path.join('.') || 'top level'}: ${issue?.message}`);
  }
  const policy = { ...parsed.data, sha256: hash('sha256', text, 'hex') };
  const wrong = inconsistency(policy);
  return wrong === null ? ok(policy) : fail(`${file}: ${wrong}`);
}

export function loadPolicy(file: string): Result<Policy, string> {
  try {
    return parsePolicy(readFileSync(file, 'utf8'), file);
  } catch (error) {
    return fail(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function inconsistency(policy: Policy): string | null {
  const ids = policy.clauses.map((one) => one.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) return `clauses: ${twice} is there twice`;
  const cited = [
    ...Object.values(policy.categories.authorised),
    ...Object.values(policy.categories.prohibited),
    ...Object.values({ ...policy.commands, ...policy.accesses, ...policy.views }).map((one) => one.clause),
  ];
  const unknown = cited.find((id) => !ids.includes(id));
  if (unknown !== undefined) return `a rule cites clause ${unknown}, which is not listed under clauses`;
  const both = Object.keys(policy.categories.authorised).find((name) => name in policy.categories.prohibited);
  if (both !== undefined) return `categories: ${both} is both authorised and prohibited`;
  const unlisted = policy.categories.byHand.find((name) => !(name in policy.categories.authorised));
  if (unlisted !== undefined) return `categories.byHand: ${unlisted} is not an authorised category`;
  const { retentionDays, retentionDaysMin, retentionDaysMax } = policy.numbers;
  if (retentionDays < retentionDaysMin || retentionDays > retentionDaysMax) {
    return `numbers.retentionDays: ${retentionDays} is not within ${retentionDaysMin}..${retentionDaysMax}`;
  }
  return null;
}

/** How strictly a clause is held; `strict` turns every warning into a refusal. */
export function levelOf(policy: Policy, id: string): Level {
  const level = policy.clauses.find((one) => one.id === id)?.level ?? 'refuse';
  return policy.strict && level === 'warn' ? 'refuse' : level;
}
