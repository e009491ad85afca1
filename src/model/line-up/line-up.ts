import { type Artifact, ArtifactRefused, type Manifest, seal } from '../artifact.ts';

/** The body of an artifact of network `line-up`: which other artifact serves where. Members are named by their place. */
export interface LineUpBody {
  readonly members: readonly { readonly id: string; readonly network: string }[];
  /** By station and variable: the member of each horizon, best of those that were proven on data they had not seen. */
  readonly serves: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  /**
   * For all other stations: the member that serves until the station's own record proves another one better, then
   * those that forecast beside it to be proven.
   */
  readonly otherwise: readonly number[];
}

/**
 * Other versions that this one needs to serve.
 * @throws {ArtifactRefused} where it is a line-up that is none.
 */
export function membersOf(artifact: Artifact): string[] {
  return artifact.manifest.network === 'line-up'
    ? asLineUp(artifact).manifest.body.members.map(({ id }) => id)
    : [];
}

/** @throws {ArtifactRefused} with the field at fault, where it is no line-up. */
export function asLineUp(artifact: Artifact): Artifact<LineUpBody> {
  const own = artifact as Artifact<LineUpBody>;
  const fault = bodyFault(own.manifest);
  if (fault) throw new ArtifactRefused(`model ${own.manifest.id}: body/${fault}`);
  return own;
}

function bodyFault({ body, horizons }: Manifest<LineUpBody>): string | undefined {
  const isMember = (place: unknown) => Number.isInteger(place) && body.members[place as number] !== undefined;
  if (!Array.isArray(body?.members) || !body.members.every((one) => /^[0-9a-f]{12}$/.test(one?.id)))
    return 'members must be a list of artifacts by id';
  if (body.members.some(({ network }) => network === 'line-up')) return 'members can be no line-ups';
  if (!Array.isArray(body.otherwise) || body.otherwise.length === 0 || !body.otherwise.every(isMember))
    return `otherwise must name members, not ${JSON.stringify(body.otherwise)}`;
  for (const [station, variables] of Object.entries(body.serves ?? {}))
    for (const [variable, places] of Object.entries(variables))
      if (places?.length !== horizons.length || !places.every(isMember))
        return `serves/${station}/${variable} must name a member for each of ${horizons.length} horizons, not ${JSON.stringify(places)}`;
  return undefined;
}

/** Which of them each station, variable and horizon gets, as forecasters are called in `Choice`. */
export interface Choice {
  readonly station: string;
  readonly variable: string;
  /** Steps ahead that were judged, and the network of each. */
  readonly horizons: readonly number[];
  readonly networks: readonly string[];
}

/**
 * A line-up of artifacts that have step and horizons in common. At horizons that were not judged nothing is proven: the
 * first of `otherwise` serves there.
 *
 * @param otherwise networks, the default of unknown stations first.
 * @throws where members differ, or a network is chosen that none of them is of.
 */
export function lineUpOf(
  members: readonly Artifact[],
  choices: readonly Choice[],
  otherwise: readonly string[],
): Artifact<LineUpBody> {
  const [first] = members;
  if (!first) throw new Error('a line-up needs members');
  const { step, horizons, data, variables } = first.manifest;
  const lookback = Math.max(...members.map(({ manifest }) => manifest.lookback));
  const shape = JSON.stringify([step, horizons]);
  const other = members.find(({ manifest: m }) => JSON.stringify([m.step, m.horizons]) !== shape);
  if (other)
    throw new Error(`${other.manifest.id} has another step or other horizons than ${first.manifest.id}`);
  const placeOf = (network: string) => {
    const place = members.findIndex(({ manifest }) => manifest.network === network);
    if (place < 0) throw new Error(`no member is of the network ${network}; give its artifact too`);
    return place;
  };
  const serves: Record<string, Record<string, number[]>> = {};
  for (const { station, variable, horizons: judged, networks } of choices) {
    const chosen = horizons.map((horizon) => networks[judged.indexOf(horizon)] ?? otherwise[0]!);
    serves[station] = { ...serves[station], [variable]: chosen.map(placeOf) };
  }
  const body: LineUpBody = {
    members: members.map(({ manifest: { id, network } }) => ({ id, network })),
    serves,
    otherwise: otherwise.map(placeOf),
  };
  const stations = Object.keys(serves).sort();
  return asLineUp(
    seal({ network: 'line-up', lookback, step, horizons, stations, data, variables, body }, new Uint8Array()),
  );
}
