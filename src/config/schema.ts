import { z } from 'zod';
import { severities } from '../alerts/alert.ts';
import { duration, time } from './duration.ts';
import { name } from './name.ts';
import { notifySchema } from './notify.ts';
import { ruleSchema } from './rules.ts';
import { secretSchema } from './secret.ts';
import { defaultVariables, variableSchema } from './variables.ts';

/**
 * The whole configuration. Every key is explained in deploy/edge/redtide.example.yaml; a test holds the two
 * together. Objects are strict: an unknown key is refused.
 */

/** `500 MiB`, `4 GiB`; parsed to bytes. */
const bytes = (text: string) =>
  z
    .string()
    .transform((given, context) => {
      const [, count, unit] = /^(\d+(?:\.\d+)?) ?([KMGT])iB$/.exec(given) ?? [];
      if (unit) return Math.round(Number(count) * 1024 ** ' KMGT'.indexOf(unit));
      context.addIssue({ code: 'custom', message: 'is no size; write for example 500 MiB or 4 GiB' });
      return z.NEVER;
    })
    .meta({ type: 'string', examples: ['4 GiB'] })
    .prefault(text);
/** Ed25519, SPKI, the base64 of its PEM. */
const publicKey = z
  .string()
  .regex(
    /^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/,
    'must be an Ed25519 public key: the middle line of its PEM file',
  );
/** ISO 8601 with a zone; parsed to ms. */
const instant = z.iso
  .datetime({ offset: true, error: 'is no time with a zone; write for example 2026-03-01T00:00:00Z' })
  .transform((text) => Date.parse(text))
  .meta({ type: 'string', examples: ['2026-03-01T00:00:00Z'] });
const sensorSchema = z.strictObject({
  id: name,
  variable: z.string(),
  depth: z.number().nonnegative().optional(),
  unit: z.string().optional(),
  relation: z
    .strictObject({ from: z.string(), slope: z.number(), intercept: z.number().default(0) })
    .optional(),
  calibrations: z
    .array(z.strictObject({ from: instant, note: z.string(), continues: z.boolean().default(false) }))
    .default([]),
});

const stationSchema = z.strictObject({
  id: name,
  name: z.string().optional(),
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  cadence: time('10m'),
  reports: duration.optional(),
  gateway: name.optional(),
  salinity: z.number().min(0).max(42).optional(),
  sensors: z.array(sensorSchema).default([]),
});

const valueMapping = z.union([
  z.string(),
  z.strictObject({ at: z.string(), unit: z.string().optional(), sensor: z.string().optional() }),
]);

/** Where values stand in a payload: JSON pointers, or for CSV the names of columns. */
export const mappingSchema = z.strictObject({
  station: z.string().optional(),
  time: z.string(),
  timeFormat: z.enum(['auto', 'iso', 'epoch-s', 'epoch-ms']).default('auto'),
  assumeUtc: z.boolean().default(false),
  records: z.string().optional(),
  values: z.record(z.string(), valueMapping),
  sequence: z.string().optional(),
  stream: z.string().optional(),
  missing: z.array(z.union([z.string(), z.number()])).default(['', 'NaN', 'MM']),
  columns: z.array(z.string()).optional(),
  constantStation: name.optional(),
  delimiter: z.string().length(1).optional(),
});

const topicSchema = z.strictObject({
  topic: z.string(),
  payload: z.enum(['native', 'mapped', 'csv', 'presence']).default('native'),
  mapping: mappingSchema.optional(),
});

const brokerSchema = z.union([
  z.strictObject({
    embedded: z.strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(1883),
      users: z.record(z.string(), secretSchema).optional(),
    }),
  }),
  z.strictObject({
    url: z
      .string()
      .regex(/^(mqtts?|wss?|tcp|tls):\/\//, 'must begin with mqtt://, mqtts://, ws:// or wss://'),
    protocol: z.union([z.literal(4), z.literal(5)]).default(5),
    clientId: z.string().default('redtide-edge'),
    username: z.string().optional(),
    password: secretSchema.optional(),
    tls: z
      .strictObject({
        ca: z.string().optional(),
        certificate: z.string().optional(),
        key: z.string().optional(),
        serverName: z.string().optional(),
      })
      .optional(),
    sessionExpiry: time('7d'),
    keepAlive: time('60s'),
    maxPending: z.int().min(1).default(2000),
    dropped: z.string().default('$SYS/broker/publish/messages/dropped'),
  }),
]);

const storeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lmdb') }),
  z.strictObject({
    kind: z.literal('influx'),
    url: z.string().regex(/^https?:\/\//, 'must begin with http:// or https://'),
    database: name.default('redtide'),
    username: z.string().optional(),
    password: secretSchema.optional(),
    retention: duration.optional(),
    batch: z.int().min(1).max(10_000).default(5000),
    memory: z.int().min(1).default(20_000),
    waiting: z
      .strictObject({ maximum: bytes('8 GiB'), full: z.enum(['stop', 'shed']).default('stop') })
      .prefault({}),
    deadline: time('10s'),
  }),
]);

const degrees = z.tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)]);

const areaSchema = z.strictObject({
  id: name,
  name: z.string().optional(),
  stations: z.array(z.string()).min(1),
  polygon: z.array(degrees).min(4).optional(),
  circle: z
    .strictObject({
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      radius: z.number().positive(),
    })
    .optional(),
  languages: z.array(z.string()).min(1).optional(),
});

const streamSchema = z.strictObject({
  step: time('1h'),
  lookback: z.int().min(2).max(1000).default(48),
  lateness: time('10m'),
  revisable: time('6h'),
  idle: time('3h'),
  derive: z.array(z.enum(['oxygenSaturation'])).default([]),
  clock: z.strictObject({ ahead: time('10m'), behind: time('30d') }).prefault({}),
});

const watchSchema = z.strictObject({
  late: z.number().min(1).default(2),
  silent: z.number().min(1).default(6),
  notice: z.enum(['none', ...severities]).default('minor'),
});

const backfillSchema = z.strictObject({
  topic: z.string(),
  wait: time('1m'),
  retry: time('10m'),
  attempts: z.int().min(1).max(20).default(5),
});

export const configSchema = z.strictObject({
  data: z.string().default('redtide-data'),
  journal: z
    .strictObject({ keep: time('7d'), maximum: bytes('4 GiB'), reserve: bytes('200 MiB') })
    .prefault({}),
  broker: brokerSchema.prefault({ embedded: {} }),
  topics: z
    .array(topicSchema)
    .min(1)
    .prefault([{ topic: 'buoys/{station}/telemetry' }]),
  stations: z.array(stationSchema).default([]),
  unknownStations: z.enum(['quarantine', 'accept']).default('quarantine'),
  limits: z
    .strictObject({
      payload: bytes('256 KiB'),
      depth: z.int().min(1).max(100).default(16),
      values: z.int().min(1).default(10_000),
      rate: z.int().min(1).default(1_000_000),
      unlisted: z.int().min(0).default(1000),
      sensors: z.int().min(1).default(100),
    })
    .prefault({}),
  variables: z
    .record(name, variableSchema)
    .prefault({})
    .transform((given) => ({ ...defaultVariables, ...given })),
  stream: streamSchema.prefault({}),
  watch: watchSchema.prefault({}),
  backfill: backfillSchema.optional(),
  store: storeSchema.prefault({ kind: 'lmdb' }),
  model: z
    .strictObject({
      folder: z.string().default('redtide-data/models'),
      backend: z.enum(['auto', 'engine', 'tfjs', 'tensorflow', 'wasm', 'cpu']).default('auto'),
      variables: z.array(z.string()).optional(),
      coverage: z.number().min(0).max(1).default(0.5),
      horizons: z
        .array(z.int().min(1))
        .min(1)
        .refine((all) => all.every((one, i) => one > (all[i - 1] ?? 0)), { error: 'must rise' })
        .default([1, 3, 6, 12, 24, 48, 72]),
      poll: time('5s'),
      trusted: z.array(publicKey).default([]),
      keep: z.int().min(1).default(5),
      mqtt: z.strictObject({ topic: z.string(), maximum: bytes('64 MiB') }).optional(),
    })
    .prefault({}),
  areas: z.array(areaSchema).default([]),
  rulesFile: z.string().optional(),
  rules: z.array(ruleSchema).default([]),
  notify: z.array(notifySchema).prefault([{ kind: 'terminal' }]),
  retrain: z
    .strictObject({
      data: z.string().default('redtide-data/trainer'),
      schedule: z.string().default('0 3 * * *'),
      history: time('730d'),
      networks: z.array(z.string()).default(['redtide']),
      backend: z.enum(['auto', 'engine', 'webgpu', 'tensorflow']).default('auto'),
      recent: z.number().gt(0).lt(1).default(0.1),
      epochs: z.int().min(1).optional(),
      learningRate: z.number().positive().optional(),
      seed: z.int().default(1),
      key: z.string().optional(),
      cellCounts: z
        .array(
          z.strictObject({
            variable: z.string(),
            of: z.string().default('chlorophyll'),
            level: z.number().positive(),
            lasts: time('12h'),
          }),
        )
        .default([]),
      early: z
        .strictObject({
          enabled: z.boolean().default(true),
          every: time('1h'),
          rest: time('6h'),
          verified: z.int().min(1).default(168),
          fall: z.number().min(0).default(0.1),
        })
        .prefault({}),
      mqtt: z.strictObject({ topic: z.string(), chunk: bytes('64 KiB') }).optional(),
    })
    .prefault({}),
  http: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(8080),
      public: z
        .string()
        .regex(/^https?:\/\//, 'must begin with https:// or http://')
        .optional(),
      operators: z.array(z.strictObject({ name, token: secretSchema })).default([]),
    })
    .prefault({}),
  clock: z
    .strictObject({
      trust: z.enum(['auto', 'always', 'synchronised']).default('auto'),
      patience: time('10m'),
    })
    .prefault({}),
  heartbeat: z
    .strictObject({ topic: z.string().default('redtide/alerts/heartbeat'), every: time('1m') })
    .prefault({}),
  tick: time('10s'),
  gauges: time('30s'),
  log: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type FileMapping = z.output<typeof mappingSchema>;
export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
