import { type Artifact, ArtifactRefused, type Manifest } from '../artifact.ts';
import { levels } from '../baselines/baseline.ts';
import { bytesOf, type RedtideBody, type RedtideVariable, type VariableScaling } from './body.ts';
import type { Standard } from './filled.ts';

/** @throws {ArtifactRefused} with the field at fault, where it is no artifact of the default network. */
export function asRedtide(artifact: Artifact): Artifact<RedtideBody> {
  const own = artifact as Artifact<RedtideBody>;
  const fault = bodyFault(own.manifest) ?? sizeFault(own);
  if (fault) throw new ArtifactRefused(`model ${own.manifest.id}: ${fault}`);
  return own;
}

const whole = (value: unknown) => Number.isInteger(value) && (value as number) > 0;

function bodyFault({ body, variables, horizons }: Manifest<RedtideBody>): string | undefined {
  for (const name of ['hidden', 'members'] as const)
    if (!whole(body?.[name]))
      return `body/${name} must be a whole number, not ${JSON.stringify(body?.[name])}`;
  if (body.variables?.length !== variables.length)
    return `body/variables must be those of the manifest, ${variables.length}, not ${body.variables?.length}`;
  for (const [i, { name }] of variables.entries()) {
    const own = body.variables[i];
    if (!scaled(body.scaling?.[name]))
      return `body/scaling/${name} must have a pool and stations, each with centre and spread above 0`;
    if (!Array.isArray(own?.others)) return `body/variables/${i}/others must be a list`;
    if (!fits(own, horizons.length))
      return `body/variables/${i} must have unit, share and spread for ${horizons.length} horizons and ${levels.length} levels`;
  }
  return undefined;
}

const usable = (one: Standard | undefined) =>
  Number.isFinite(one?.centre) && Number.isFinite(one?.spread) && one!.spread > 0;

const scaled = (own: VariableScaling | undefined) =>
  usable(own?.pool) && Object.values(own?.stations ?? {}).every(usable);

const numbers = (list: unknown, length: number) =>
  Array.isArray(list) && list.length === length && list.every(Number.isFinite);

const fits = ({ unit, share, spread }: RedtideVariable, horizons: number) =>
  numbers(unit, horizons) &&
  numbers(share, horizons) &&
  Array.isArray(spread) &&
  spread.length === horizons &&
  spread.every((row) => numbers(row, levels.length));

function sizeFault({ manifest, weights }: Artifact<RedtideBody>): string | undefined {
  const { body, lookback, step, horizons } = manifest;
  const wanted = manifest.variables.reduce((sum, { name }, i) => {
    const shape = { variable: name, others: body.variables[i]!.others, lookback, step };
    return sum + bytesOf({ ...body, shape, horizons: horizons.length });
  }, 0);
  if (wanted === weights.length) return undefined;
  return `weights.bin has ${weights.length} bytes, and ${wanted} are needed for the sizes in the manifest`;
}
