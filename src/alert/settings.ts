import { z } from 'zod';

/** Who is told of alerts beside the people at the console. */
const webhookSettings = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a to z, 0 to 9 and -, starting with a letter'),
  /** An https address; its host must be one of `hosts`. */
  url: z.url(),
  /**
   * The agency that receives: it hears of entries it asked for, under a live agreement [IV.A.7.b, IV.D.2]. None: a system of the
   * department's own, which hears of every alert of an authorised category.
   */
  agency: z.string().min(1).optional(),
  /** platestream: our own fields, the fewest that serve; openalpr: as existing receivers of OpenALPR alerts expect. */
  format: z.enum(['platestream', 'openalpr']).default('platestream'),
  /** File with the secret that signs every message (HMAC-SHA-256). */
  secretFile: z.string().min(1),
  /** PEM file of the only authority that may sign the receiver's certificate. */
  caFile: z.string().min(1).optional(),
  /** Lets messages go to a private or loopback address, and over http. */
  privateAddresses: z.boolean().default(false),
});
export type WebhookSettings = z.infer<typeof webhookSettings>;

export const alertSettings = z
  .strictObject({
    /** A vehicle seen again at the same camera within this time is the same alert. */
    coolDownSeconds: z.number().min(0).max(86_400).default(300),
    /** From so many sightings of one entry on, within the time below, an alert is marked as escalated. */
    escalateSightings: z.int().min(2).max(100).default(3),
    escalateWithinMinutes: z.number().min(1).max(1440).default(30),
    /** Seconds between two synthetic reads that prove alerts arrive; 0 = none. */
    canaryEverySeconds: z.number().min(0).max(86_400).default(300),
    /** A canary that has not come out as an alert within this time has failed. */
    canaryWithinSeconds: z.number().min(1).max(600).default(10),
    /** Hosts that webhooks may go to. */
    hosts: z.array(z.string().min(1)).max(50).default([]),
    webhooks: z.array(webhookSettings).max(50).default([]),
  })
  .refine(
    ({ hosts, webhooks }) => webhooks.every(({ url }) => hosts.includes(new URL(url).hostname)),
    'webhooks: the host of every url must be listed in hosts',
  );
export type AlertSettings = z.infer<typeof alertSettings>;
