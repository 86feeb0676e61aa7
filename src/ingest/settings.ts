import { z } from 'zod';
import { redacted } from './address.js';

const fraction = z.number().min(0).max(1);
/** A closed outline in fractions of the frame's width and height, at least three corners. */
const polygon = z
  .array(z.tuple([fraction, fraction]))
  .min(3)
  .max(64);

/** One camera of the configuration. */
export const cameraSettings = z.strictObject({
  /** Name in metrics, reads and screens: lower-case letters, digits and dashes. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a camera id has only a-z, 0-9 and -, at most 63 characters'),
  /**
   * `rtsp://`, `rtsps://` (H.264, H.265, MJPEG), `http://`, `https://` (a multipart MJPEG stream), or the path of a video file or of a folder
   * of them (played in the order of their names). Credentials belong in `username` and `passwordFile`.
   */
  url: z
    .string()
    .min(1)
    .max(2048)
    .refine(
      (url) => redacted(url) === url,
      'an address holds no user name or password: give username and passwordFile (or passwordEnv)',
    ),
  transport: z.enum(['tcp', 'udp']).default('tcp'),
  username: z.string().max(256).optional(),
  /** A file that holds only the password; it never appears in logs, arguments or errors. */
  passwordFile: z.string().min(1).optional(),
  /** Name of an environment variable that holds the password; wins over `passwordFile`. */
  passwordEnv: z.string().min(1).optional(),
  /** Of `rtsps://` and `https://`: whether the camera's certificate is checked, and who may sign it (default: the system's authorities). */
  tls: z.strictObject({ verify: z.boolean().default(true), caFile: z.string().min(1).optional() }).prefault({}),
  /** Frames looked at per second; the rest are decoded only as far as the codec needs. */
  analysedFps: z.number().positive().max(60).default(10),
  /** Frames of this camera that may be in work at once. */
  slots: z.int().min(2).max(32).default(4),
  /** A frame of a live camera that has waited so long gives way to a newer one: dropped, `late`. */
  lateAfterMs: z.int().min(100).max(600_000).default(500),
  /** A road that has been still for `afterMs` is looked at `analysedFps` times a second, until something moves. */
  idle: z
    .strictObject({
      enabled: z.boolean().default(true),
      afterMs: z.int().min(1_000).max(3_600_000).default(10_000),
      analysedFps: z.number().positive().max(60).default(5),
    })
    .prefault({}),
  motion: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Luma difference (0-255) from which a point counts as moved. */
      threshold: z.number().min(1).max(128).default(14),
      /** A still road is looked at this often all the same. */
      lookAnywayEveryMs: z.int().min(100).max(600_000).default(5_000),
    })
    .prefault({}),
  /** Only here is motion looked for; none = everywhere. */
  zones: z.array(polygon).max(16).default([]),
  /** Here motion is never looked for. */
  masks: z.array(polygon).max(16).default([]),
  connectTimeoutMs: z.int().min(500).max(60_000).default(5_000),
  readTimeoutMs: z.int().min(500).max(60_000).default(5_000),
  /** Data that makes no picture for this long (a wrong description, no key frame) counts as a lost camera. */
  pictureTimeoutMs: z.int().min(500).max(120_000).default(15_000),
  /** For files: play at their own speed (`true`) or as fast as they decode, and start again at the end. */
  paced: z.boolean().default(true),
  loop: z.boolean().default(false),
  /** From the camera registry, never from the stream [I.p2]. */
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  /** Where it looks, degrees clockwise from north. */
  facingDegrees: z.number().min(0).lt(360).optional(),
});

export type CameraSettings = z.infer<typeof cameraSettings>;
