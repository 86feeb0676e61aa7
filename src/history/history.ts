import { hash } from 'node:crypto';
import { z } from 'zod';
import type { AuditedReads, ImageAnswer, SearchAnswer, Waiting } from '../api/audited_reads.js';
import type { FoundRow } from '../data/found.js';
import type { Receipt } from '../data/receipt.js';
import { fail, ok, type Result } from '../data/result.js';
import type { Ledger } from '../ledger/ledger.js';
import { dayMs } from '../policy/command.js';
import type { Governance } from '../policy/governance.js';
import type { Json } from '../policy/journal.js';
import type { PersonPrincipal } from '../policy/principal.js';
import { reasonInput } from '../policy/reason.js';
import { faulty } from '../policy/recorder.js';
import { type Code, type Refusal, refusal } from '../policy/refusal.js';
import type { Access } from '../policy/search.js';
import { type Criteria, criteriaSchema, parseCriteria } from '../store/criteria.js';
import type { ImageFault } from '../store/image_record.js';
import type { SearchEnd } from '../store/read_history.js';
import type { StoreSettings } from '../store/settings.js';
import type { Store } from '../store/store.js';
import { accessOf, criteriaOf } from './access.js';
import type { Cosigns } from './cosigns.js';
import { exportFormats, exportTo } from './export.js';
import { cropInput, croppedJpeg } from './picture_crop.js';

export interface HistoryParts {
  readonly governance: Governance;
  readonly ledger: Ledger;
  readonly store: Store;
  readonly cosigns: Cosigns;
  /** Every camera the system knows. */
  readonly cameras: () => readonly string[];
  readonly limits: StoreSettings['search'];
  /** Where an export lies between its outcome and its last byte. */
  readonly exportFolder: string;
}

const who = {
  reason: reasonInput,
  onBehalfOf: z
    .strictObject({ agencyId: z.string().max(96), requestor: z.string().max(120) })
    .nullable()
    .default(null),
};
/** A new search, or one that a supervisor has agreed to, by the ledger number of its refusal. */
const asked = { ...who, criteria: criteriaSchema.optional(), cosigned: z.int().min(1).optional() };

const searchInput = z.strictObject(asked);
const exportInput = z.strictObject({
  ...asked,
  format: z.enum(exportFormats),
  rows: z.int().min(1).default(100),
});
const imageInput = z.strictObject({
  ...who,
  readId: z.string().min(1).max(160),
  capturedAtMs: z.int().min(0),
  /** As the search showed it. */
  plate: z.string().regex(/^[A-Z0-9]{1,12}$/),
  which: z.enum(['vehicle', 'plate']),
  crop: cropInput.optional(),
});

const caseInput = z.strictObject({ reason: reasonInput, caseNo: z.string().min(1).max(64) });
const caseImageInput = caseInput.extend({
  readId: z.string().min(1).max(160),
  which: z.enum(['vehicle', 'plate']),
});

/** What a case keeps is named by the case; no window and no camera bounds it. */
function caseAccess(reason: z.infer<typeof reasonInput>, caseNo: string, criteria: Json) {
  return { reason, plate: null, cameras: ['any'], fromMs: 0, toMs: 1, rows: 1, objectId: caseNo, criteria };
}

/**
 * The only file that knows the order of every look at history: gates and reason -> durable intent (the receipt) -> query ->
 * durable outcome -> first row [IV.C.6.a].
 */
export function createHistory(parts: HistoryParts): AuditedReads {
  const { governance, ledger, store, cosigns } = parts;

  /** The gates come before anything else is said; `openAccess` asks them again, for the record. */
  async function mayAsk(action: string, principal: PersonPrincipal): Promise<Result<null, Refusal>> {
    const rule = governance.policy.accesses[action];
    const actor = rule && governance.authorise(principal, rule);
    return actor && !actor.ok ? governance.turnDown(action, principal, actor.error) : ok(null);
  }

  /** What is asked, as the policy judges it. */
  function accessFor(
    action: string,
    principal: PersonPrincipal,
    input: z.infer<typeof searchInput>,
    rows?: number,
  ): Result<object, Refusal> {
    const { reason, onBehalfOf, cosigned } = input;
    if (cosigned !== undefined) {
      const waited = cosigns.get(cosigned);
      if (waited === null || waited.userId !== principal.userId || waited.action !== action) {
        return fail(refusal('NOT_FOUND', 'IV.A.5', 'no search of yours with that number waits for agreement'));
      }
      return ok({ ...(waited.access as Access), reason });
    }
    const criteria = parseCriteria(input.criteria, parts.limits);
    if (!criteria.ok) return fail(refusal('INPUT_INVALID', 'IV.A.5', criteria.error.message));
    if (parts.cameras().length === 0)
      return fail(refusal('INPUT_INVALID', 'IV.A.5', 'no camera is configured, so there is nothing to search'));
    const nowMs = governance.nowMs();
    const oldestMs = nowMs - governance.retentionDays() * dayMs;
    const access = accessOf(criteria.value, { cameras: parts.cameras(), oldestMs, nowMs });
    return ok({ ...access, ...(rows !== undefined && { rows }), reason, onBehalfOf });
  }

  async function open(
    action: string,
    principal: PersonPrincipal,
    input: z.infer<typeof searchInput>,
    rows?: number,
  ): Promise<Result<Opened, Refusal | Waiting>> {
    const access = accessFor(action, principal, input, rows);
    if (!access.ok) return governance.turnDown(action, principal, access.error, input as unknown as Json);
    const opened = await governance.openAccess(action, access.value, principal);
    if (opened.ok) return ok({ ...opened.value, criteria: criteriaOf(opened.value.access) });
    const { sequence } = opened.error;
    const cosign = opened.error.code === 'EXCEPTION_REQUIRED' && sequence !== null ? cosigns.get(sequence) : null;
    return fail(cosign ? { ...opened.error, cosign } : opened.error);
  }

  /** An intent always gets its outcome, also when there was nothing to show. */
  async function nothing(receipt: Receipt, code: Code, sentence: string): Promise<{ ok: false; error: Refusal }> {
    const recorded = await ledger.outcome(receipt, { count: 0, sha256: hash('sha256', '', 'hex'), bytes: 0 });
    const { seq } = recorded.ok ? recorded.value : { seq: null };
    return fail({ ...refusal(code, 'IV.A.5', sentence), sequence: seq });
  }

  return {
    async search(principal, input) {
      const parsed = await checked(searchInput, input, 'reads.search', principal);
      if (!parsed.ok) return parsed;
      const opened = await open('reads.search', principal, parsed.value);
      if (!opened.ok) return opened;
      const { receipt, access, criteria } = opened.value;
      const startedAt = performance.now();
      const { rows, end } = await collect(store.history.search(receipt, criteria));
      if (end.kind === 'failed') return nothing(receipt, codeOf(end.code), end.message);
      const { sha256, bytes } = end;
      const durationMs = performance.now() - startedAt;
      const outcome = await ledger.outcome(receipt, { count: rows.length, sha256, bytes, durationMs });
      if (!outcome.ok) return fail(faulty(outcome.error));
      const { fromMs, toMs } = access;
      const answer: SearchAnswer = {
        rows,
        end,
        fromMs,
        toMs,
        sequence: receipt.sequence,
        outcomeSequence: outcome.value.seq,
      };
      return ok(answer);
    },

    async image(principal, input) {
      const parsed = await checked(imageInput, input, 'reads.image', principal);
      if (!parsed.ok) return parsed;
      const { reason, onBehalfOf, readId, capturedAtMs, plate, which, crop } = parsed.value;
      const access = {
        reason,
        onBehalfOf,
        plate,
        cameras: ['any'],
        fromMs: capturedAtMs,
        toMs: capturedAtMs + 1,
        rows: 1,
        objectId: readId,
        criteria: { kind: 'image', which, ...(crop && { crop }) },
      };
      const opened = await governance.openAccess('reads.image', access, principal);
      if (!opened.ok) return opened;
      const { receipt } = opened.value;
      const read = await store.history.read(receipt, readId, capturedAtMs);
      if (read === null || read.plate !== plate || read.image === null) {
        return nothing(receipt, 'NOT_FOUND', 'there is no picture of such a read');
      }
      return shown(receipt, await store.image(receipt, read.image, which), crop);
    },

    async exportFile(principal, input) {
      const parsed = await checked(exportInput, input, 'reads.export', principal);
      if (!parsed.ok) return parsed;
      const { format, rows, ...search } = parsed.value;
      const opened = await open('reads.export', principal, search, rows);
      if (!opened.ok) return opened;
      const { receipt, access, criteria } = opened.value;
      if (criteria.kind !== 'reads') return nothing(receipt, 'INPUT_INVALID', 'criteria.kind: only reads are exported');
      if (criteria.cursor !== undefined)
        return nothing(receipt, 'INPUT_INVALID', 'criteria.cursor: an export is the whole search; leave it out');
      const file = await exportTo(parts.exportFolder, store.history, receipt, {
        criteria,
        format,
        rows: access.rows,
        pageRows: parts.limits.pageRowsMax,
      });
      if (!file.ok) return nothing(receipt, 'STORE_UNAVAILABLE', file.error);
      const { bytes, sha256 } = file.value;
      const outcome = await ledger.outcome(receipt, { count: file.value.rows, sha256, bytes });
      if (outcome.ok) return ok({ ...file.value, sequence: receipt.sequence });
      file.value.discard();
      return fail(faulty(outcome.error));
    },

    async caseReads(principal, input) {
      const parsed = await checked(caseInput, input, 'case.read', principal);
      if (!parsed.ok) return parsed;
      const { reason, caseNo } = parsed.value;
      const opened = await governance.openAccess('case.read', caseAccess(reason, caseNo, { kind: 'case' }), principal);
      if (!opened.ok) return opened;
      const { receipt } = opened.value;
      if (!governance.state().holds.has(caseNo))
        return nothing(receipt, 'NOT_FOUND', 'nothing is kept for such a case');
      const rows = await store.held.reads(receipt, caseNo);
      const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      const bytes = Buffer.byteLength(lines);
      const outcome = await ledger.outcome(receipt, {
        count: rows.length,
        sha256: hash('sha256', lines, 'hex'),
        bytes,
      });
      if (!outcome.ok) return fail(faulty(outcome.error));
      return ok({ rows, sequence: receipt.sequence, outcomeSequence: outcome.value.seq });
    },

    async caseImage(principal, input) {
      const parsed = await checked(caseImageInput, input, 'case.read', principal);
      if (!parsed.ok) return parsed;
      const { reason, caseNo, readId, which } = parsed.value;
      const access = caseAccess(reason, caseNo, { kind: 'image', readId, which });
      const opened = await governance.openAccess('case.read', access, principal);
      if (!opened.ok) return opened;
      const { receipt } = opened.value;
      return shown(receipt, await store.held.image(receipt, caseNo, readId, which));
    },

    cosigns: () => cosigns.list(),
  };

  /** A picture leaves only when it is whole and its outcome is recorded. */
  async function shown(
    receipt: Receipt,
    image: Result<Uint8Array, ImageFault>,
    crop?: z.infer<typeof cropInput>,
  ): Promise<Result<ImageAnswer, Refusal>> {
    if (!image.ok && image.error === 'DAMAGED') {
      return nothing(receipt, 'INTEGRITY_FAILURE', 'the picture is not the one that was taken; it is not shown');
    }
    if (!image.ok) return nothing(receipt, 'NOT_FOUND', 'the picture was not kept');
    const jpeg = crop ? await croppedJpeg(image.value, crop) : image.value;
    const sha256 = hash('sha256', jpeg, 'hex');
    const outcome = await ledger.outcome(receipt, { count: 1, sha256, bytes: jpeg.length });
    return outcome.ok ? ok({ jpeg, sha256, sequence: receipt.sequence }) : fail(faulty(outcome.error));
  }

  async function checked<Input>(
    schema: z.ZodType<Input>,
    input: unknown,
    action: string,
    principal: PersonPrincipal,
  ): Promise<Result<Input, Refusal>> {
    const may = await mayAsk(action, principal);
    if (!may.ok) return may;
    const parsed = schema.safeParse(input);
    if (parsed.success) return ok(parsed.data);
    const issue = parsed.error.issues[0];
    const sentence = `${issue?.path.join('.') || 'input'}: ${issue?.message ?? 'not valid'}`;
    return governance.turnDown(action, principal, refusal('INPUT_INVALID', 'IV.A.5', sentence));
  }
}

interface Opened {
  readonly receipt: Receipt;
  readonly access: Access;
  readonly criteria: Criteria;
}

async function collect(
  items: AsyncIterable<FoundRow | SearchEnd>,
): Promise<{ rows: readonly FoundRow[]; end: SearchEnd }> {
  const rows: FoundRow[] = [];
  for await (const item of items) {
    if (item.kind === 'end' || item.kind === 'failed') return { rows, end: item };
    rows.push(item);
  }
  return { rows: [], end: { kind: 'failed', code: 'STORE_UNAVAILABLE', message: 'the answer has no end' } };
}

function codeOf(code: Extract<SearchEnd, { kind: 'failed' }>['code']): Code {
  return code === 'STORE_UNAVAILABLE' ? code : 'INPUT_INVALID';
}
