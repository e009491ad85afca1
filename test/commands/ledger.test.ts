import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { claimFolder } from '../../src/claim.ts';
import { openDisk } from '../../src/disk.ts';
import { RefusedPoints } from '../../src/store/lmdb-refused.ts';
import { redtide, temporaryFolder } from '../process.ts';

const child = new URL('../edge/edge-child.ts', import.meta.url).pathname;
const life = (data: string, from: number, until: number) =>
  promisify(execFile)(
    process.execPath,
    ['--import=tsx', '--no-warnings', child, data, join(data, 'log'), `${from}`, `${until}`, 'drain'],
    { encoding: 'utf8' },
  );

test('the ledger balances, and what is in quarantine is listed, shown, and replayed once the edge is stopped', async (t) => {
  const data = temporaryFolder(t);
  const file = join(data, 'edge.yaml');
  writeFileSync(file, JSON.stringify({ data }));
  const { stdout } = await life(data, 0, 60);
  const { total } = JSON.parse(stdout);
  const point = { kind: 'step', station: 'B02', sensor: 's', variable: 'v', start: 1 } as never;
  const disk = openDisk(join(data, 'edge'));
  await new RefusedPoints(disk).put({ point, reason: 'out of retention' });
  await new RefusedPoints(disk).put({ point, reason: 'out of retention' });
  await disk.close();

  const ledger = await redtide(t, 'ledger', file, '--json').ended;
  t.is(ledger.code, 0, ledger.err);
  t.like(JSON.parse(ledger.out).total, { ...total, pending: 0 });
  t.regex((await redtide(t, 'ledger', file).ended).out, /station +received +stored/);

  const list = await redtide(t, 'quarantine', 'list', file).ended;
  t.regex(list.out, /undecodable/);
  t.is(list.out.match(/refused by the store {2}out of retention/g)?.length, 1);
  const sequences = list.out.split('\n').flatMap((line) => /^(\d+) .*undecodable/.exec(line)?.[1] ?? []);
  const show = await redtide(t, 'quarantine', 'show', file, sequences[0]!).ended;
  t.regex(show.out, /\{"time": $/m);

  const claim = await claimFolder(join(data, 'edge'));
  const refused = await redtide(t, 'quarantine', 'replay', file).ended;
  t.is(refused.code, 1);
  t.regex(refused.err, /holds this data folder.*cannot be asked/);
  await claim.release();
  const replayed = await redtide(t, 'quarantine', 'replay', file, sequences[0]!).ended;
  t.is(replayed.out, '1 messages are in the journal again; start the edge\n', replayed.err);

  const again = JSON.parse((await life(data, 60, 60)).stdout).total;
  t.is(again.received, total.received + 1);
  t.is(again.quarantined, total.quarantined + 1);
});
