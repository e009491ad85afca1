import { createHash } from 'node:crypto';
import type { Hardware } from './lstm-backend.ts';

/** A variable that an artifact forecasts. */
export interface ModelVariable {
  readonly name: string;
  readonly unit: string;
  /** Least and greatest step mean of the training part: inputs far outside it are refused when it serves. */
  readonly range?: { readonly minimum: number; readonly maximum: number } | undefined;
}

/** Of one variable, on data after the training part; in its unit, one number a horizon. */
export interface Scores {
  readonly from: string;
  readonly to: string;
  readonly samples: number;
  /** By forecaster: `model`, and the baselines beside it. */
  readonly rmse: Readonly<Record<string, readonly number[]>>;
}

/** What an artifact says of itself; `Body` is its network's own part, JSON. */
export interface Manifest<Body = unknown> {
  readonly schema: typeof schema;
  /** Hash of the rest of the manifest, and so of the weights: the same training gives the same identity. */
  readonly id: string;
  /** Which kind it is: a name of the table in open-predictor.ts. */
  readonly network: string;
  readonly lookback: number;
  /** ms */
  readonly step: number;
  readonly horizons: readonly number[];
  /** Those that it was trained on. */
  readonly stations: readonly string[];
  /** The sensor that stood for a variable in training: by station, then by variable. */
  readonly sensors?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** Of the training part: ISO 8601, and a hash of the step means. */
  readonly data: { readonly from: string; readonly to: string; readonly hash: string };
  readonly variables: readonly ModelVariable[];
  readonly body: Body;
  /** What trained it, where that was not the engine; so a training by the engine has the same identity on any machine. */
  readonly hardware?: Hardware | undefined;
  /** SHA-256 of weights.bin, hex. */
  readonly weights: string;
  /** By variable. */
  readonly scores?: Readonly<Record<string, Scores>> | undefined;
  /**
   * By variable: errors, measured minus forecast median, on data that the network was not fitted on, as quantiles at
   * `levels`, in the variable's unit; one list a horizon.
   */
  readonly calibration?: Readonly<Record<string, Calibration>> | undefined;
  /** Of the contest that put it into service, where one did; the ledger of the trainer keeps all of it. */
  readonly promotion?: Promotion | undefined;
}

export interface Promotion {
  /** The version that it was judged beside, and served until then. */
  readonly champion?: string | undefined;
  /** For it, with their numbers. */
  readonly reasons: readonly string[];
  /** On the recent hold-out, by what it was judged beside (`champion`, baselines): 1 - RMSE / RMSE of that. */
  readonly skill: Readonly<Record<string, number>>;
  /** The other candidates. */
  readonly others: readonly {
    readonly network: string;
    readonly promote: boolean;
    readonly reasons: readonly string[];
  }[];
}

export interface Calibration {
  readonly levels: readonly number[];
  /** [horizons.length][levels.length] */
  readonly errors: readonly (readonly number[])[];
}

/** A model version: what it is, and its weights, which may be empty. */
export interface Artifact<Body = unknown> {
  readonly manifest: Manifest<Body>;
  readonly weights: Uint8Array;
}

/** An artifact that can't serve, with the file and field at fault. */
export class ArtifactRefused extends Error {
  override readonly name = 'ArtifactRefused';
}

const schema = 'redtide.artifact/2';

/** What a recipe says; `seal` adds the rest. */
export type Draft<Body = unknown> = Omit<Manifest<Body>, 'schema' | 'id' | 'weights'>;

/** Completes a manifest with schema, hash of the weights and identity. */
export function seal<Body>(draft: Draft<Body>, weights: Uint8Array): Artifact<Body> {
  const whole = { ...draft, schema, weights: sha256(weights) } as const;
  return { manifest: { ...whole, id: identityOf(whole) }, weights };
}

/** The artifact with more said of it, and so with another identity. */
export function reseal<Body>(
  { schema: _, id: __, weights: ___, ...draft }: Manifest<Body>,
  change: Partial<Draft<Body>>,
  weights: Uint8Array,
): Artifact<Body> {
  return seal({ ...draft, ...change }, weights);
}

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

const identityOf = (manifest: Omit<Manifest, 'id'>) => sha256(canonical(manifest)).slice(0, 12);

/** JSON with sorted keys: the same content is the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * Reads what `seal` made; refuses what is not whole, with the field at fault. `place` is for the message. The body is
 * for its network to check, when it is opened.
 */
export function open(text: string, weights: Uint8Array, place: string): Artifact {
  const manifest = parse(text, place);
  const fault = faultOf(manifest, weights);
  if (fault) throw new ArtifactRefused(`${place}/manifest.json: ${fault}`);
  return { manifest, weights };
}

function parse(text: string, place: string): Manifest {
  try {
    return JSON.parse(text) as Manifest;
  } catch (error) {
    throw new ArtifactRefused(`${place}/manifest.json is not JSON: ${(error as Error).message}`);
  }
}

function faultOf(manifest: Manifest, weights: Uint8Array): string | undefined {
  if (manifest?.schema !== schema)
    return `schema ${JSON.stringify(manifest?.schema)} is not ${schema}; train it again with this version`;
  const { id, ...rest } = manifest;
  const identity = identityOf(rest);
  if (identity !== id)
    return `id ${id} is not that of the content (${identity}): manifest.json was changed or cut`;
  const hash = sha256(weights);
  if (hash !== manifest.weights)
    return `weights ${manifest.weights} is not the hash of weights.bin (${hash}): it was changed or cut`;
  return fieldFault(manifest);
}

const whole = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
const rising = (values: readonly number[]) => values.every((value, i) => value > (values[i - 1] ?? 0));
const isList = (value: unknown) => Array.isArray(value) && value.length > 0;

/** An identity is no proof of sense: other programs can make one too. */
function fieldFault({
  network,
  lookback,
  step,
  horizons,
  stations,
  variables,
  promotion,
}: Manifest): string | undefined {
  if (typeof network !== 'string') return `network must be a name, not ${JSON.stringify(network)}`;
  for (const [name, value] of Object.entries({ lookback, step }))
    if (!whole(value)) return `${name} must be a whole number, not ${JSON.stringify(value)}`;
  if (!isList(horizons) || !horizons.every(whole) || !rising(horizons))
    return `horizons must be rising whole numbers, not ${JSON.stringify(horizons)}`;
  if (!Array.isArray(stations)) return `stations must be a list, not ${JSON.stringify(stations)}`;
  if (!isList(variables)) return 'variables is empty';
  if (promotion !== undefined && !isPromotion(promotion))
    return `promotion must have reasons, skill and others, not ${JSON.stringify(promotion)}`;
  const at = variables.findIndex((one) => typeof one?.name !== 'string' || one.name === '' || !usable(one));
  if (at < 0) return undefined;
  return `variables/${at} must have a name, and a range with minimum < maximum if any: ${JSON.stringify(variables[at])}`;
}

/** It is shown to people and counted in metrics, whatever wrote it. */
const isPromotion = (given: Partial<Promotion> | null) =>
  areTexts(given?.reasons) &&
  Object.values(given?.skill ?? { none: Number.NaN }).every(Number.isFinite) &&
  Array.isArray(given?.others) &&
  given.others.every((one) => areTexts(one?.reasons));

const areTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string');

const usable = ({ range }: ModelVariable) =>
  range === undefined ||
  (Number.isFinite(range?.minimum) && Number.isFinite(range.maximum) && range.minimum < range.maximum);
