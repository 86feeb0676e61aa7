import { z } from 'zod';

const file = z.string().min(1).nullable().default(null);

/** Where the API and the console are served, and how the line to them is protected. */
export const serverSettings = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65535).default(8480),
  /** As browsers reach it, e.g. `https://alpr.example.gov`; needed beyond loopback. */
  origin: z
    .string()
    .regex(/^https?:\/\/[^/]+$/, 'scheme and host, without a path')
    .nullable()
    .default(null),
  tls: z.strictObject({ certFile: file, keyFile: file }).prefault({}),
  /** Addresses of reverse proxies that end TLS in front of us; their `X-Forwarded-For` is believed, nobody else's. */
  trustedProxies: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
  /** Holds the bearer token with which another machine may read `/metrics`. */
  metricsTokenFile: file,
});

export type ServerSettings = z.infer<typeof serverSettings>;
