import { z } from 'zod';

/** Which list is matched, and how much doubt is allowed. */
export const hotListSettings = z.strictObject({
  /** CSV file of the hot list; none = nothing is matched. */
  file: z.string().min(1).optional(),
  /** Older than this it is shown as STALE on every alert. */
  staleAfterHours: z.number().positive().max(8760).default(24),
  /** Older than this it no longer matches. */
  stopAfterHours: z.number().positive().max(8760).default(72),
  /** Lines that may be rejected before the file is refused, as a share. */
  rejectedShareMax: z.number().min(0).max(1).default(0.02),
  /** A read's alternatives below this probability are not looked up. */
  alternativeConfidenceMin: z.number().min(0).max(1).default(0.05),
  /** Matches less likely true than this are suppressed and counted. */
  chanceMin: z.number().min(0).max(1).default(0.3),
});

export type HotListSettings = z.infer<typeof hotListSettings>;
