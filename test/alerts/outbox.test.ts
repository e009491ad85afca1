import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { messageId } from '../../src/alerts/message.ts';
import type { Delivery, Notifier } from '../../src/alerts/notifier.ts';
import { Outbox, type OutboxOptions } from '../../src/alerts/outbox.ts';
import { type Disk, openDisk } from '../../src/disk.ts';
import { transitionOf } from './transition.ts';

function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(`${tmpdir()}/outbox-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

function diskFor(t: ExecutionContext): Disk {
  const disk = openDisk(folderFor(t));
  t.teardown(() => disk.close());
  return disk;
}

/** A channel that answers what `answer` says, and remembers the identifiers it delivered. */
function channel(name: string, answer: (attempt: number) => Delivery | Promise<Delivery>) {
  const delivered: string[] = [];
  let attempts = 0;
  const notifier: Notifier = {
    name,
    async send(transition: AlertTransition) {
      const delivery = await answer(++attempts);
      if (delivery.outcome === 'delivered') delivered.push(messageId(transition));
      return delivery;
    },
    close: async () => {},
  };
  return { notifier, delivered, attempts: () => attempts };
}

const delivered: Delivery = { outcome: 'delivered' };
const down: Delivery = { outcome: 'retry', reason: 'down' };

function outboxOn(disk: Disk, notifiers: readonly Notifier[], more: Partial<OutboxOptions> = {}): Outbox {
  const channels = notifiers.map((notifier) => ({ notifier }));
  return new Outbox({ disk, channels, now: () => 0, backoff: { first: 1, most: 2 }, ...more });
}

test('delivers in order, and a transition that is derived again is not sent again', async (t) => {
  const disk = diskFor(t);
  const { notifier, delivered: seen } = channel('a', () => delivered);
  const both = [transitionOf(0), transitionOf(0, 'resolved')];
  for (const run of [1, 2]) {
    const outbox = outboxOn(disk, [notifier]);
    outbox.start();
    for (const transition of [...both, ...both]) await outbox.put(transition);
    await outbox.drained();
    await outbox.stop();
    t.deepEqual(seen, both.map(messageId), `run ${run}`);
  }
});

test('what was put before a start is delivered after it', async (t) => {
  const disk = diskFor(t);
  const { notifier, delivered: seen } = channel('a', () => delivered);
  const earlier = outboxOn(disk, [notifier]);
  await earlier.put(transitionOf(0));
  await earlier.stop();
  t.deepEqual(seen, []);
  const outbox = outboxOn(disk, [notifier]);
  t.deepEqual(outbox.pending(), { a: 1 });
  outbox.start();
  await outbox.drained();
  t.deepEqual(seen, [messageId(transitionOf(0))]);
  t.deepEqual(outbox.pending(), { a: 0 });
  await outbox.stop();
});

test('a channel that is down delays only itself, and nothing of it is lost', async (t) => {
  let up = false;
  const sick = channel('sick', () => (up ? delivered : down));
  const well = channel('well', () => delivered);
  const outbox = outboxOn(diskFor(t), [sick.notifier, well.notifier]);
  outbox.start();
  const all = [0, 1, 2, 3].map((n) => transitionOf(n));
  for (const transition of all) await outbox.put(transition);
  while (outbox.pending()['well']! > 0) await sleep(5);
  t.deepEqual(well.delivered, all.map(messageId));
  t.deepEqual(outbox.pending(), { sick: 4, well: 0 });
  up = true;
  await outbox.drained();
  t.deepEqual(sick.delivered, all.map(messageId).reverse(), 'the newest first');
  await outbox.stop();
});

test('waits double up to the most, are spread by chance, and heed what the channel asks', async (t) => {
  const waits: number[] = [];
  const answers = [down, down, down, down, { ...down, after: 5000 }];
  const { notifier } = channel('a', (attempt) => answers[attempt - 1] ?? delivered);
  const outbox = outboxOn(diskFor(t), [notifier], {
    backoff: { first: 1000, most: 4000 },
    random: () => 0.5,
    sleep: async (ms) => waits.push(ms),
  });
  outbox.start();
  await outbox.put(transitionOf(0));
  await outbox.drained();
  t.deepEqual(waits, [750, 1500, 3000, 3000, 5000]);
  await outbox.stop();
});

test('a notifier that throws, or never answers, is tried again', async (t) => {
  const reasons: string[] = [];
  const { notifier } = channel('a', (attempt) => {
    if (attempt === 1) throw new Error('bug');
    return attempt === 2 ? new Promise(() => {}) : delivered;
  });
  const outbox = outboxOn(diskFor(t), [notifier], {
    deadline: 20,
    onAttempt: (_, delivery) => reasons.push(delivery.outcome === 'delivered' ? 'ok' : delivery.reason),
  });
  outbox.start();
  await outbox.put(transitionOf(0));
  await outbox.drained();
  t.deepEqual(reasons, ['bug', 'no answer within 20 ms', 'ok']);
  await outbox.stop();
});

test('what a channel refuses is kept with its reason and holds up nothing', async (t) => {
  const { notifier, delivered: seen } = channel('a', (attempt) =>
    attempt === 1 ? { outcome: 'refused', reason: 'payload format invalid' } : delivered,
  );
  const outbox = outboxOn(diskFor(t), [notifier]);
  outbox.start();
  for (const n of [0, 1, 0]) await outbox.put(transitionOf(n));
  await outbox.drained();
  t.deepEqual(seen, [messageId(transitionOf(1))]);
  t.like(outbox.dead('a'), [
    {
      channel: 'a',
      id: messageId(transitionOf(0)),
      transition: transitionOf(0),
      reason: 'payload format invalid',
    },
  ]);
  await outbox.stop();
});

test('what was delivered but could not be noted is sent again under its identifier', async (t) => {
  const disk = diskFor(t);
  const { notifier, delivered: seen } = channel('a', () => delivered);
  const earlier = outboxOn(disk, [notifier]);
  await earlier.put(transitionOf(0));
  let full = 2;
  const filling: Disk = Object.assign(Object.create(disk) as Disk, {
    transaction: (action: () => unknown) =>
      seen.length > 0 && full-- > 0 ? Promise.reject(new Error('disk full')) : disk.transaction(action),
  });
  const outcomes: string[] = [];
  const outbox = outboxOn(filling, [notifier], { onAttempt: (_, { outcome }) => outcomes.push(outcome) });
  outbox.start();
  await outbox.drained();
  t.deepEqual(outcomes, ['retry', 'retry', 'delivered']);
  t.deepEqual(
    seen,
    [0, 0, 0].map((n) => messageId(transitionOf(n))),
  );
  await outbox.stop();
});

test('stopping waits neither for a channel that hangs nor for a back-off', async (t) => {
  const hangs = channel('hangs', () => new Promise(() => {}));
  const fails = channel('fails', () => down);
  const outbox = outboxOn(diskFor(t), [hangs.notifier, fails.notifier], {
    backoff: { first: 1e7, most: 1e7 },
  });
  outbox.start();
  await outbox.put(transitionOf(0));
  while (hangs.attempts() + fails.attempts() < 2) await sleep(5);
  await outbox.stop();
  await outbox.drained();
  t.deepEqual(outbox.pending(), { hangs: 1, fails: 1 });
});

test('delivered messages are forgotten after their time, waiting ones never', async (t) => {
  const disk = diskFor(t);
  let sent = 0;
  const counting = channel('a', () => (sent++ === 0 ? delivered : down));
  let now = 0;
  const runFor = async (put: readonly AlertTransition[], until: (outbox: Outbox) => boolean) => {
    const outbox = outboxOn(disk, [counting.notifier], { now: () => now, remember: 1000 });
    outbox.start();
    for (const transition of put) await outbox.put(transition);
    while (!until(outbox)) await sleep(5);
    await outbox.stop();
    return outbox.pending()['a'];
  };
  const done = (outbox: Outbox) => outbox.pending()['a'] === 0;
  await runFor([transitionOf(0)], done);
  t.is(await runFor([transitionOf(0)], done), 0);
  now = 2000;
  t.is(await runFor([transitionOf(0)], (outbox) => !done(outbox)), 1);
  now = 9000;
  t.is(await runFor([transitionOf(0)], (outbox) => !done(outbox)), 1);
});

test('a message that nobody takes expires into a dead letter, holds up nothing, and can be sent again', async (t) => {
  let now = 0;
  let up = false;
  const tried: string[] = [];
  const notifier: Notifier = {
    name: 'a',
    send: async (transition) => {
      tried.push(messageId(transition));
      if (up) return delivered;
      now += 400;
      return down;
    },
    close: async () => {},
  };
  const outbox = outboxOn(diskFor(t), [], { channels: [{ notifier, expires: 1000 }], now: () => now });
  outbox.start();
  await outbox.put(transitionOf(0));
  await outbox.drained();
  t.is(tried.length, 3);
  const [letter, ...more] = outbox.dead();
  t.deepEqual([letter?.reason, more], ['not delivered within 1 s: down', []]);
  await outbox.put(transitionOf(0));
  t.deepEqual(outbox.pending(), { a: 0 }, 'derived again, it stays dead');
  up = true;
  t.is(await outbox.resend(({ channel }) => channel === 'b'), 0);
  t.is(await outbox.resend(), 1);
  await outbox.drained();
  t.deepEqual([tried.length, outbox.dead()], [4, []]);
  await outbox.stop();
});

/** A channel that is away at first, and what it was told then, each with the reason why. */
function awayAtFirst(t: ExecutionContext, expires: number) {
  const clock = { now: 0 };
  const told: (readonly [string, string | undefined])[] = [];
  let up = false;
  const notifier: Notifier = {
    name: 'a',
    send: async (transition, because) => {
      if (up) told.push([messageId(transition), because]);
      return up ? delivered : down;
    },
    close: async () => {},
  };
  const outbox = outboxOn(diskFor(t), [], { channels: [{ notifier, expires }], now: () => clock.now });
  const returns = async () => {
    up = true;
    await outbox.drained();
    await outbox.stop();
  };
  outbox.start();
  return { clock, told, outbox, returns };
}

test('after an outage of a channel the present is told first, and how old the rest is', async (t) => {
  const { clock, told, outbox, returns } = awayAtFirst(t, 48 * hour);
  const over = [transitionOf(0), { ...transitionOf(0, 'resolved'), sequence: 2 }];
  const stands = [transitionOf(1), { ...transitionOf(1), sequence: 2, cause: 'repeat' as const }];
  const newest = transitionOf(2);
  for (const transition of [stands[0]!, ...over, stands[1]!]) await outbox.put(transition);
  clock.now = 14.5 * hour;
  await outbox.put(newest);
  await returns();
  const late = 'this is 14 h old: it could not be delivered before';
  t.deepEqual(told, [
    [messageId(newest), undefined],
    ...[...stands, ...over].map((transition) => [messageId(transition), late] as const),
  ]);
});

test('of an alert whose record waited in the journal the message says how old it is', async (t) => {
  const { told, outbox, returns } = awayAtFirst(t, 48 * hour);
  await outbox.put(transitionOf(0), 2 * hour);
  await returns();
  t.deepEqual(told, [[messageId(transitionOf(0)), 'this is 2 h old: it could not be delivered before']]);
});

test('what is expired and superseded is given up unsent; the last word on an alert is tried', async (t) => {
  const { clock, told, outbox, returns } = awayAtFirst(t, hour);
  await outbox.put(transitionOf(0));
  await outbox.put({ ...transitionOf(0, 'resolved'), sequence: 2 });
  clock.now = 3 * hour;
  await returns();
  t.deepEqual(
    told.map(([id]) => id),
    [`${transitionOf(0).id}/2`],
  );
  t.like(outbox.dead(), [{ reason: 'not delivered within 1 h: a later message of the alert waits' }]);
});

const hour = 3_600_000;

const firing = (n: number, change: Partial<AlertTransition> = {}) => ({ ...transitionOf(n), ...change });

test('a contact is told by severity and area, and of the end of whatever it was told of', async (t) => {
  const all = channel('all', () => delivered);
  const severe = channel('severe', () => delivered);
  const bay = channel('bay', () => delivered);
  const channels = [
    { notifier: all.notifier },
    { notifier: severe.notifier, severity: 'severe' as const },
    { notifier: bay.notifier, areas: ['bay'] },
  ];
  const outbox = outboxOn(diskFor(t), [], { channels });
  outbox.start();
  const said = [
    firing(0, { severity: 'minor' }),
    firing(0, { sequence: 2, severity: 'severe' }),
    firing(0, { sequence: 3, severity: 'minor' }),
    { ...transitionOf(0, 'resolved'), sequence: 4, severity: 'minor' as const },
    firing(1, { area: 'bay', severity: 'info' }),
    { ...transitionOf(2, 'resolved'), area: 'bay' },
    firing(3, { quiet: 'silenced until noon by mei' }),
    firing(4, { to: 'pending' }),
  ];
  for (const transition of said) await outbox.put(transition);
  await outbox.drained();
  const ids = (...picked: number[]) => picked.map((i) => messageId(said[i]!));
  t.deepEqual(all.delivered, ids(0, 1, 2, 3, 4));
  t.deepEqual(severe.delivered, ids(1, 2, 3));
  t.deepEqual(bay.delivered, ids(4));
  await outbox.stop();
});

/** A first contact whose receipt is waited for 1 s, and a second. */
function twoContacts(t: ExecutionContext) {
  const clock = { now: 0 };
  const because: (string | undefined)[] = [];
  const first = channel('first', () => delivered);
  const second = channel('second', () => delivered);
  const notifier: Notifier = {
    ...second.notifier,
    send: (transition, why) => {
      because.push(why);
      return second.notifier.send(transition);
    },
  };
  const channels = [
    { notifier: first.notifier, receipt: { within: 1000, tell: ['second'] } },
    { notifier, escalation: true },
  ];
  const disk = diskFor(t);
  const open = async () => {
    const outbox = outboxOn(disk, [], { channels, now: () => clock.now });
    outbox.start();
    return outbox;
  };
  return { clock, because, first, second, open };
}

test('without a receipt in time the second contact is told, also where the edge was down meanwhile', async (t) => {
  const { clock, because, first, second, open } = twoContacts(t);
  const before = await open();
  await before.put(transitionOf(0));
  await before.drained();
  t.deepEqual([first.delivered.length, second.delivered.length, before.awaited().length], [1, 0, 1]);
  await before.stop();
  clock.now = 1000;
  const outbox = await open();
  while (second.delivered.length < 1) await sleep(5);
  t.deepEqual(because, ['no receipt came from first within 1 s']);
  await outbox.put(transitionOf(0, 'resolved'));
  await outbox.drained();
  t.deepEqual(second.delivered, first.delivered, 'told once, it is told of the end');
  t.deepEqual(outbox.awaited(), []);
  await outbox.stop();
});

for (const [how, answer] of [
  ['a receipt', (outbox: Outbox) => outbox.receive(messageId(transitionOf(0)), 'mei')],
  [
    'an acknowledgement',
    (outbox: Outbox) => outbox.put({ ...transitionOf(0), to: 'acknowledged', sequence: 2 }),
  ],
  ['the end of the alert', (outbox: Outbox) => outbox.put(transitionOf(0, 'resolved'))],
] as const)
  test(`${how} in time keeps the second contact out of it`, async (t) => {
    const { clock, second, open } = twoContacts(t);
    const outbox = await open();
    await outbox.put(transitionOf(0));
    await outbox.drained();
    await answer(outbox);
    t.deepEqual(outbox.awaited(), []);
    clock.now = 5000;
    await outbox.put(transitionOf(9));
    await outbox.drained();
    t.deepEqual(second.delivered, []);
    await outbox.stop();
  });

test('a receipt for what was never sent is refused', async (t) => {
  const { open } = twoContacts(t);
  const outbox = await open();
  t.false(await outbox.receive('bloom/buoy-1/never/1', 'mei'));
  await outbox.put(transitionOf(0));
  await outbox.drained();
  t.false(await outbox.receive(messageId(transitionOf(0)), 'mei', 'second'));
  t.true(await outbox.receive(messageId(transitionOf(0)), 'mei', 'first'));
  t.true(await outbox.receive(messageId(transitionOf(0)), 'mei', 'first'), 'given twice');
  await outbox.stop();
});

test('killed again and again, with a receiver that fails half of the time: all is delivered, no second identifier', async (t) => {
  const arrivals = new Map<string, number>();
  let requests = 0;
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const fails = requests++ % 2 === 0;
    if (!fails) arrivals.set(String(chunks[0]), (arrivals.get(String(chunks[0])) ?? 0) + 1);
    if (requests % 5 === 0) request.socket.destroy();
    else response.writeHead(fails ? 503 : 200).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const folder = folderFor(t);

  for (let kills = 0; kills < 5; kills++) {
    const child = startChild(address, folder);
    const target = requests + 20 + 7 * kills;
    while (requests < target && child.exitCode === null) await sleep(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    t.is(child.signalCode, 'SIGKILL', 'it was killed in the middle of the work');
  }
  const [code] = await once(startChild(address, folder), 'exit');
  t.is(code, 0);

  const expected = Array.from({ length: 60 }, (_, n) => [
    transitionOf(n),
    transitionOf(n, 'resolved'),
  ]).flat();
  t.deepEqual([...arrivals.keys()].sort(), expected.map(messageId).sort());
  for (const { id } of expected)
    t.deepEqual(
      [...arrivals.keys()].filter((key) => key.startsWith(`${id}/`)),
      [`${id}/1`, `${id}/2`],
      'in order',
    );
  const repeats = [...arrivals.values()].reduce((sum, count) => sum + count - 1, 0);
  t.log(`${requests} requests, ${arrivals.size} messages, ${repeats} repeats`);
});

function startChild(address: string, folder: string): ChildProcess {
  const script = fileURLToPath(new URL('outbox-child.ts', import.meta.url));
  return spawn(process.execPath, ['--import=tsx', script, address, folder], { stdio: 'inherit' });
}
