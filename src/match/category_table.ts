import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { fail, ok, type Result } from '../data/result.js';

const word = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/);
const code = z.string().trim().min(1).max(64);
const file = z.union([z.strictObject({ codes: z.array(code) }), z.strictObject({ prohibited: word })]);
const source = z.strictObject({ files: z.record(word, file), codes: z.record(code, word) });
const schema = z.strictObject({
  version: z.int().min(1),
  /** Somebody has compared the codes with those of the state's switch. */
  confirmed: z.boolean(),
  sources: z.record(word, source),
});

/** What each source calls a category; `policies/hot-list-categories.yaml` is one. */
export interface CategoryTable extends z.infer<typeof schema> {
  readonly sha256: string;
}

/** The policy's categories at this moment. */
export interface CategoryPolicy {
  readonly authorised: readonly string[];
  readonly prohibited: readonly string[];
  /** Authorised ones that people enter one by one; no file brings them [IV.A.7]. */
  readonly byHand: readonly string[];
  /** Prohibited categories that a live exception covers [IV.A.4]. */
  readonly excepted: readonly string[];
  /** `<source>:<code>` -> authorised category, by an administrator's logged decision. */
  readonly mapped: Readonly<Record<string, string>>;
}

type Verdict =
  | { readonly kind: 'load'; readonly category: string }
  /** Prohibited: counted under its category and forgotten [IV.A.3.b]. */
  | { readonly kind: 'drop'; readonly category: string }
  /** For people to enter: refused in a file. */
  | { readonly kind: 'by_hand' }
  /** In no list: refused, not guessed. */
  | { readonly kind: 'unknown' };

function parseCategoryTable(text: string, name: string): Result<CategoryTable, string> {
  const document = parseDocument(text);
  const syntax = document.errors[0];
  if (syntax) return fail(`${name}: not YAML: ${syntax.message.split('\n')[0]}`);
  const parsed = schema.safeParse(document.toJS());
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return fail(`${name}: ${issue?.path.join('.') || 'top level'}: ${issue?.message}`);
  }
  return ok({ ...parsed.data, sha256: hash('sha256', text, 'hex') });
}

export function loadCategoryTable(path: string): Result<CategoryTable, string> {
  try {
    return parseCategoryTable(readFileSync(path, 'utf8'), path);
  } catch (error) {
    return fail(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** What to do with a row: decided by the id of the file it came from (if known) and its code together. */
export type Classify = (fileId: string | null, code: string) => Verdict;

const unknown: Verdict = { kind: 'unknown' };

/** Whatever either the file or the code calls prohibited is prohibited; to be loaded, both must agree. */
export function classifier(table: CategoryTable, policy: CategoryPolicy, sourceName: string): Classify {
  const rules = own(table.sources, sourceName) ?? own(table.sources, 'default') ?? { files: {}, codes: {} };
  const authorised = new Set(policy.authorised);
  const prohibited = new Set(policy.prohibited);
  const byHand = new Set(policy.byHand);
  const excepted = new Set(policy.excepted);
  const prohibit = (category: string): Verdict => ({ kind: excepted.has(category) ? 'load' : 'drop', category });
  return (fileId, rawCode) => {
    const codeWord =
      own(rules.codes, rawCode) ??
      own(rules.codes, rawCode.toLowerCase()) ??
      own(policy.mapped, `${sourceName}:${rawCode}`);
    if (codeWord !== undefined && prohibited.has(codeWord)) return prohibit(codeWord);
    if (codeWord !== undefined && byHand.has(codeWord)) return { kind: 'by_hand' };
    const fromFile = fileId === null ? null : own(rules.files, fileId);
    if (fromFile === undefined) return unknown;
    if (fromFile !== null && 'prohibited' in fromFile) return prohibit(fromFile.prohibited);
    if (fromFile !== null && !fromFile.codes.includes(rawCode)) return unknown;
    return codeWord !== undefined && authorised.has(codeWord) ? { kind: 'load', category: codeWord } : unknown;
  };
}

/** Own names only: `constructor` is no code. */
function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
