import { z } from 'zod';
import { severities } from '../alerts/alert.ts';
import { duration, time } from './duration.ts';
import { name } from './name.ts';
import { secretSchema } from './secret.ts';

/** What of the alerts a channel is told, and what becomes of a message that nobody takes or answers. */
const route = {
  severity: z.enum(severities).default('info'),
  areas: z.array(z.string()).min(1).optional(),
  escalation: z.boolean().default(false),
  expires: time('2d'),
  receipt: z.strictObject({ within: duration, tell: z.array(name).min(1) }).optional(),
};

const terminal = z.strictObject({ kind: z.literal('terminal'), name: name.default('terminal'), ...route });

const mqtt = z.strictObject({
  kind: z.literal('mqtt'),
  name: name.default('mqtt'),
  topic: z.string().default('redtide/alerts'),
  ...route,
});

const webhook = z.strictObject({
  kind: z.literal('webhook'),
  name: name.default('webhook'),
  url: z.string().regex(/^https?:\/\//, 'must begin with https:// or http://'),
  secret: secretSchema,
  allow: z.array(z.string()).default([]),
  deadline: time('10s'),
  ca: z.string().optional(),
  ...route,
});

const mail = z.strictObject({
  kind: z.literal('mail'),
  name: name.default('mail'),
  host: z.string(),
  port: z.int().min(1).max(65_535).default(587),
  tls: z.enum(['implicit', 'required', 'none']).default('required'),
  ca: z.string().optional(),
  username: z.string().optional(),
  password: secretSchema.optional(),
  from: z.string(),
  to: z
    .array(z.string().regex(/^[^\s@<>]+@[^\s@<>]+$/, 'must be a bare address such as duty@example.org'))
    .min(1),
  replyTo: z.string().optional(),
  deadline: time('20s'),
  receiptLink: z.boolean().default(false),
  ...route,
});

const cap = z.strictObject({
  kind: z.literal('cap'),
  name: name.default('cap'),
  folder: z.string(),
  sender: z.string().regex(/^[^\s,<&]+$/, 'must have no space, comma, < or & (CAP 1.2, 3.2.1)'),
  senderName: z.string().optional(),
  contact: z.string().optional(),
  web: z.string().optional(),
  scope: z.enum(['Public', 'Restricted', 'Private']).default('Private'),
  restriction: z.string().optional(),
  addresses: z.string().optional(),
  valid: time('24h'),
  keep: time('30d'),
  ...route,
});

export const notifySchema = z.discriminatedUnion('kind', [terminal, mqtt, webhook, mail, cap]);
