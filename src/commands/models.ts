import { readFileSync } from 'node:fs';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { openDisk } from '../disk.ts';
import type { Artifact } from '../model/artifact.ts';
import { fileArtifactStore, signVersion } from '../model/file-artifact-store.ts';
import { lineUpOf } from '../model/line-up/line-up.ts';
import { type Proofs, proven } from '../model/line-up/proven.ts';
import { lineUpTable } from '../model/line-up/table.ts';
import { fatesIn } from '../model/prune-folder.ts';
import { publicKeyOf } from '../model/signature.ts';
import { type Command, exit, type Io, Refused, text, UsageError, type Values } from './command.ts';
import { deliverModel } from './delivery.ts';
import { describeModel } from './describe-model.ts';
import { diffModels } from './diff-models.ts';
import { historyText, promote, rollback, type Service, tryOut } from './promote.ts';
import { keyOf } from './train.ts';

type Action = (place: Place, given: readonly string[], values: Values, io: Io) => Promise<void>;

interface Place extends Service {
  readonly folder: string;
}

const actions: Record<string, Action> = {
  list,
  show,
  diff,
  promote,
  rollback,
  use,
  deliver,
  sign,
  verify,
  'line-up': lineUp,
};

export const command: Command = {
  summary: 'versions of the model: list, show, diff, promote, rollback, use, deliver, sign, verify, line-up',
  usage:
    'list | show [ID] | diff ID [ID] | promote ID | rollback | use ID | deliver | sign ID ... --key FILE | verify [ID ...] | line-up REPORT.json ID ... [options]',
  about: `list: the versions in the model folder, the one in service marked, with --config why each stays. show: what one was made of, its
scores, the contest that promoted it, and who put it into service. diff: what two do not have in common; without a second, the one in service.
promote: has a version serve without a contest; rollback: has the one serve again that served before. Both need
--reason, which stands with the author in the ledger of retrain/data (redtide retrain FILE --runs). use: as promote,
without a record, for a folder without a retrainer. A running edge takes the change within seconds. deliver: leaves what serves at the broker
of retrain/mqtt again, though it should be there (a broker that lost it, say). sign: writes manifest.sig beside the manifests, with a private Ed25519 key in PEM
(openssl genpkey -algorithm ed25519); train --key does it at once. verify: loads and tries versions, or all, as the edge would,
signatures included where the configuration names trusted keys; exit code 3 where one is refused.
line-up: makes and publishes a version that has, per station, variable and horizon, the best of other versions serve,
as the report of redtide backtest --json proves it: a network where it beats the best baseline with the 95 % interval
clear of zero, else that baseline. IDs are the versions, one of each kind. Stations that are not in the report get
--otherwise, the first of them until their own record proves another one better.`,
  options: {
    config: { type: 'string', value: 'FILE', help: 'configuration: model folder and trusted keys' },
    models: { type: 'string', value: 'DIR', help: "folder of artifacts (the configuration's)" },
    reason: { type: 'string', value: 'TEXT', help: 'promote, rollback: why, for the ledger' },
    author: { type: 'string', value: 'NAME', help: 'promote, rollback: who decides (your login)' },
    key: {
      type: 'string',
      value: 'FILE',
      help: "private Ed25519 key in PEM: signs the version (the configuration's retrain/key)",
    },
    otherwise: {
      type: 'string',
      value: 'A,B',
      help: 'line-up: kinds for stations not in the report (persistence, climatology, then the networks)',
    },
  },
  async run(values, [name = '', ...rest], io) {
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new UsageError(`"${name}" is none of ${Object.keys(actions).join(', ')}`);
    await action(placeOf(values), rest, values, io);
    return exit.ok;
  },
};

function placeOf(values: Values): Place {
  const file = text(values, 'config');
  const config = file === undefined ? undefined : loadConfig(file);
  const folder = text(values, 'models') ?? config?.model.folder;
  if (folder === undefined) throw new UsageError('needs --config FILE or --models DIR');
  const trusted = (config?.model.trusted ?? []).map(publicKeyOf);
  return {
    folder,
    config,
    artifacts: fileArtifactStore(folder, { trusted, signing: keyOf(values, config) }),
  };
}

async function list({ artifacts, folder, config }: Place, _: readonly string[], __: Values, io: Io) {
  const current = await artifacts.current();
  const why = config && new Map((await fatesOf(folder, config)).map((fate) => [fate.id, fate]));
  for (const id of (await artifacts.list()).sort()) {
    const about = await artifacts.read(id).then(describe, (error: Error) => `refused: ${error.message}`);
    const fate = why?.get(id);
    const stays = fate && `; ${fate.stays ? 'stays' : 'may go'}: ${fate.reason}`;
    io.out.write(`${id === current ? '*' : ' '} ${id}  ${about}${stays ?? ''}\n`);
  }
}

const fatesOf = (folder: string, { model: { keep } }: Config) =>
  fatesIn(folder, { newest: keep, now: Date.now() });

const describe = ({ manifest: { network, data, variables, horizons } }: Artifact) =>
  `${network}, ${variables.map(({ name }) => name).join(' ')}, ${horizons.join(' ')} steps ahead, ${data.from} to ${data.to}`;

async function show(place: Place, [given]: readonly string[], _: Values, io: Io): Promise<void> {
  const id = given ?? (await currentOf(place));
  const { manifest } = await place.artifacts.read(id).catch(refuse);
  io.out.write(
    `${describeModel(manifest)}\n${place.config ? await historyText(place.config.retrain, id) : ''}`,
  );
}

async function diff(place: Place, [one, given]: readonly string[], _: Values, io: Io): Promise<void> {
  if (!one) throw new UsageError('diff needs a version; models list shows them');
  const other = given ?? (await currentOf(place));
  const [a, b] = await Promise.all([one, other].map((id) => place.artifacts.read(id).catch(refuse)));
  for (const line of diffModels(a!.manifest, b!.manifest)) io.out.write(`${line}\n`);
}

async function currentOf({ artifacts }: Place): Promise<string> {
  const id = await artifacts.current();
  if (id === undefined) throw new Refused('no version is in service; models list shows those there are');
  return id;
}

async function use(place: Place, [id]: readonly string[], _: Values, io: Io): Promise<void> {
  if (!id) throw new UsageError('use needs a version; models list shows them');
  await tryOut(place, id);
  await place.artifacts.serve(id);
  io.out.write(`${id} is current\n`);
}

async function deliver({ config }: Place, _: readonly string[], __: Values, io: Io): Promise<void> {
  if (!config?.retrain.mqtt) throw new UsageError('deliver needs --config FILE with retrain/mqtt');
  const disk = openDisk(config.retrain.data);
  const again = deliverModel(config, disk, { again: true, signal: io.signal });
  const done = await again.finally(() => disk.close());
  io.out.write(`${done ?? 'nothing serves'}\n`);
}

async function sign(
  { folder, config }: Place,
  ids: readonly string[],
  values: Values,
  io: Io,
): Promise<void> {
  const key = keyOf(values, config);
  if (!key || ids.length === 0)
    throw new UsageError('sign needs versions, and --key FILE or --config FILE with retrain/key');
  for (const id of ids) {
    await signVersion(folder, id, key).catch(refuse);
    io.out.write(`${id} signed\n`);
  }
}

async function verify(place: Place, ids: readonly string[], _: Values, io: Io): Promise<void> {
  const refused: string[] = [];
  for (const id of ids.length > 0 ? ids : (await place.artifacts.list()).sort()) {
    const verdict = await tryOut(place, id).then(
      () => 'whole',
      (error: Error) => {
        refused.push(id);
        return error.message;
      },
    );
    io.out.write(`${id}  ${verdict}\n`);
  }
  if (refused.length > 0) throw new Refused(`${refused.join(', ')} would not be taken`);
}

/** What of a report a line-up is made from. */
interface Report {
  readonly format: string;
  readonly networks: readonly string[];
  readonly baselines: readonly string[];
  readonly scores: readonly Proofs[];
}

async function lineUp(place: Place, given: readonly string[], values: Values, io: Io): Promise<void> {
  const [file, ...ids] = given;
  if (!file || ids.length === 0) throw new UsageError('line-up needs a report and versions');
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  if (report.format !== 'redtide.backtest/1')
    throw new UsageError(`${file} is no report of redtide backtest --json`);
  const members = await Promise.all(ids.map((id) => place.artifacts.read(id).catch(refuse)));
  const held = members.map(({ manifest }) => manifest.network);
  const scores = report.scores.map((one) => ({ ...one, horizons: one.horizons.map((h) => only(h, held)) }));
  const choices = proven(
    scores,
    report.baselines.filter((name) => held.includes(name)),
  );
  const artifact = lineUpOf(members, choices, otherwiseOf(values, held, report));
  await place.artifacts.publish(artifact);
  io.out.write(`${artifact.manifest.id}\n`);
  for (const row of lineUpTable(artifact.manifest)) io.out.write(`  ${row}\n`);
}

/** Of a horizon, the forecasters that there is a version of. */
const only = ({ horizon, forecasters }: Proofs['horizons'][number], held: readonly string[]) => ({
  horizon,
  forecasters: Object.fromEntries(Object.entries(forecasters).filter(([name]) => held.includes(name))),
});

function otherwiseOf(values: Values, held: readonly string[], { networks }: Report): readonly string[] {
  const asked = text(values, 'otherwise')?.split(',');
  return asked ?? ['persistence', 'climatology', ...networks].filter((name) => held.includes(name));
}

function refuse(error: Error): never {
  throw new Refused(error.message);
}
