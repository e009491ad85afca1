import test from 'ava';
import { Gate } from '../src/gate.ts';
import { temporaryFolder } from './process.ts';

test('it closes where the disk has too little left, or points have no room, and says so once', (t) => {
  const folder = temporaryFolder(t);
  const said: (string | undefined)[] = [];
  let used = false;
  const options = { folder, full: () => used, onChange: (reason: string | undefined) => said.push(reason) };
  const gate = new Gate({ ...options, reserve: 0 });
  t.is(gate.reason, undefined);
  used = true;
  t.regex(gate.reason ?? '', /used up/, 'at once');
  gate.look();
  gate.look();
  used = false;
  t.is(gate.reason, undefined);
  gate.look();
  t.deepEqual(
    said.map((reason) => reason !== undefined),
    [true, false],
  );
  const short = new Gate({ ...options, reserve: Number.MAX_SAFE_INTEGER });
  t.regex(
    short.reason ?? '',
    /^the disk has \d+ MiB left, and \d+ MiB are to stay free \(journal: reserve\)$/,
  );
  t.is(said.length, 3);
});
