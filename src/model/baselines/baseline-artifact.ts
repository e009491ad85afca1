import { type Artifact, ArtifactRefused, type Manifest } from '../artifact.ts';
import {
  type BaselineBody,
  type BaselineName,
  baselineNames,
  type Fit,
  levels,
  type Parameters,
} from './baseline.ts';
import { daysOfYear } from './calendar.ts';

/** @throws {ArtifactRefused} with the field at fault, where it is no artifact of a baseline. */
export function asBaseline(artifact: Artifact): Artifact<BaselineBody> {
  const own = artifact as Artifact<BaselineBody>;
  const fault = bodyFault(own.manifest);
  if (fault) throw new ArtifactRefused(`model ${own.manifest.id}: body/${fault}`);
  return own;
}

function bodyFault({ network, body, variables, horizons }: Manifest<BaselineBody>): string | undefined {
  if (!baselineNames.some((name) => name === network)) return `network ${network} is no baseline`;
  if (body?.variables?.length !== variables.length)
    return `variables must be those of the manifest, ${variables.length}, not ${body?.variables?.length}`;
  for (const [at, { pooled, stations }] of body.variables.entries())
    for (const [name, fit] of [['pooled', pooled], ...Object.entries(stations ?? {})] as const) {
      const fault = fitFault(network as BaselineName, fit as Fit, horizons.length);
      if (fault) return `variables/${at}/${name}/${fault}`;
    }
  return undefined;
}

const finite = (row: unknown, length?: number): boolean =>
  Array.isArray(row) && row.every(Number.isFinite) && (length === undefined || row.length === length);
const rows = (table: unknown, count: number, width?: number): boolean =>
  Array.isArray(table) && table.length === count && table.every((row) => finite(row, width));

function fitFault(name: BaselineName, fit: Fit | undefined, horizons: number): string | undefined {
  if (!rows(fit?.spread, horizons, levels.length))
    return `spread must hold ${levels.length} numbers for each of ${horizons} horizons`;
  return areParameters[name](fit?.parameters, horizons) ? undefined : `parameters are not those of ${name}`;
}

const none = (given: unknown) => given === null;
const normals = (given: unknown) => finite(given, daysOfYear * 24);
const weights = (given: unknown, horizons: number) => {
  const own = given as Parameters['ridge'] | null;
  return Array.isArray(own?.others) && rows(own.weights, horizons);
};

const areParameters: { [Name in BaselineName]: (given: unknown, horizons: number) => boolean } = {
  persistence: none,
  'seasonal-24h': none,
  climatology: normals,
  'damped-persistence': (given, horizons) => {
    const own = given as Parameters['damped-persistence'] | null;
    return normals(own?.normals) && finite(own?.kept, horizons);
  },
  'lag-regression': weights,
  ridge: weights,
};
