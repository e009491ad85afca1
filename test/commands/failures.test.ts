import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { freePort } from '../servers.ts';
import { run } from './in-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'redtide-failures-'));
// Where commands in this process make their temporary folders.
process.env['TMPDIR'] = folder;

function file(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

const good = file('good.csv', 'time,station,chlorophyll', '2025-01-01T00:00:00Z,B01,3');
const nowhere = join(folder, 'nowhere.csv');
const models = join(folder, 'models');
const beneathFile = join(good, 'data');

/** Arguments, exit code, and the one line on standard error after the name of the command. */
const cases: readonly (readonly [args: readonly string[], code: number, line: RegExp])[] = [
  [['replay'], 2, /^needs at least one CSV file; see redtide replay --help$/],
  [['replay', nowhere], 2, /nowhere\.csv: cannot be read \(ENOENT\); check the path/],
  [['replay', file('empty.csv')], 2, /empty\.csv: has no line 1 with the names of the columns/],
  [['replay', file('packed.csv.gz', 'plain')], 2, /packed\.csv\.gz: incorrect header check/],
  [['replay', file('columns.csv', 'a,b', '1,2')], 2, /columns\.csv: no column of times among: a, b/],
  [
    ['replay', file('lone.csv', 'time,salinity', '2025-01-01T00:00:00Z,3')],
    2,
    /lone\.csv: no column names the station/,
  ],
  [['replay', good, '--database', 'x'], 2, /^--database needs --influx/],
  [['replay', good, '--influx', 'nourl'], 2, /store\/url: "nourl" must begin with http:\/\/ or https:\/\//],
  [
    ['replay', good, '--train-until', 'yesterday'],
    2,
    /^--train-until yesterday is no instant; write 2007-01-01/,
  ],
  [['replay', good, '--train-until', '2024-01-01'], 1, /^there are no step means to train on/],
  [['replay', good, '--data', beneathFile], 1, /edge: can't be opened as the data folder: ENOTDIR/],
  [['train'], 2, /^needs CSV files, or --config with a store/],
  [['train', nowhere, '--models', models], 2, /nowhere\.csv: cannot be read/],
  [['train', good, '--models', models, '--backend', 'nope'], 2, /^--backend nope is none of auto, /],
  [
    ['train', good, '--models', models, '--variables', 'salt'],
    2,
    /^the data hold no salt; they hold chlorophyll/,
  ],
  [['train', good, '--models', models, '--epochs', 'many'], 2, /^--epochs many is not a number/],
  [['train', good, '--models', models], 1, /^chlorophyll: .*give it more data/],
  [['simulate'], 2, /^needs either --out FILE or --url URL/],
  [['simulate', '--out', 'a', '--url', 'b'], 2, /^needs either --out FILE or --url URL/],
  [
    ['simulate', '--out', nowhere, '--from', '2025-02-01', '--to', '2025-01-01'],
    2,
    /^--to must be after --from/,
  ],
  [['simulate', '--out', beneathFile, '--to', '2025-01-02'], 1, /ENOTDIR/],
  [['edge'], 2, /^needs a configuration file/],
  [['edge', nowhere], 2, /nowhere\.csv: cannot be read/],
  [
    ['edge', file('step.yaml', 'stream: { step: x }')],
    2,
    /step\.yaml: stream\/step: "x" is no duration; write/,
  ],
  [['demo', '--speed', '0'], 2, /^--speed 0 must be above 0/],
  [['demo', '--port', '99999'], 2, /broker\/embedded\/port: 99999 /],
  [['retrain'], 2, /^needs a configuration file/],
  [
    ['retrain', file('cron.yaml', 'retrain: { schedule: daily }')],
    2,
    /^retrain\/schedule "daily" is no cron expression/,
  ],
];

for (const [args, code, line] of cases)
  test.serial(`${args.join(' ').replaceAll(`${folder}/`, '')}: ${code}`, async (t) => {
    const said = await run(...args);
    t.is(said.code, code, said.err);
    t.is(said.out, '');
    const [, text] = new RegExp(`^redtide ${args[0]}: (.*)\n$`).exec(said.err) ?? [];
    t.truthy(text, `not one line: ${said.err}`);
    t.regex(text!, line);
  });

test.serial(
  'an InfluxDB that is not there ends a replay before the training, and nothing is left behind',
  async (t) => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, out, err } = await run('replay', good, '--influx', url, '--train-until', '2026-01-01');
    t.is(code, 1);
    t.is(out, '');
    t.is(err, `redtide replay: InfluxDB at ${url}: connect ECONNREFUSED ${url.slice(7)}\n`);
    t.deepEqual(replays(), []);
  },
);

const replays = () => readdirSync(folder).filter((name) => name.startsWith('redtide-replay-'));

test.serial('--json of a replay and of simulate has these keys', async (t) => {
  const half = file('half.csv', 'time,station,chlorophyll', '2025-01-01T00:00:00Z,B01,3', 'never,B01,4');
  const replayed = JSON.parse((await run('replay', half, '--json')).out);
  const { seconds, steps, windows, noForecasts, ...rest } = replayed;
  t.true([seconds, steps, windows, noForecasts].every(Number.isFinite));
  const fates = { stored: 1, quarantined: 1, duplicate: 0, late: 0, pending: 0 };
  t.deepEqual(rest, { messages: 2, received: 2, ...fates, forecasts: 0, alerts: 0, model: null });
  const out = join(folder, 'fleet.csv');
  const simulated = await run('simulate', '--out', out, '--to', '2025-01-02', '--json');
  t.deepEqual(JSON.parse(simulated.out), { out, records: 1152 });
});
