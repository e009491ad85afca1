// Puts the same transitions again at every start, as a pipeline does that replays its journal, and delivers them to
// the receiver at the address in the first argument, from the folder in the second. Ends when nothing is left.
import { messageId } from '../../src/alerts/message.ts';
import type { Notifier } from '../../src/alerts/notifier.ts';
import { Outbox } from '../../src/alerts/outbox.ts';
import { openDisk } from '../../src/disk.ts';
import { transitionOf } from './transition.ts';

const [address, folder] = process.argv.slice(2) as [string, string];

const notifier: Notifier = {
  name: 'receiver',
  async send(transition) {
    const { status } = await fetch(address, { method: 'POST', body: messageId(transition) });
    return status === 200 ? { outcome: 'delivered' } : { outcome: 'retry', reason: `status ${status}` };
  },
  close: async () => {},
};

const outbox = new Outbox({
  disk: openDisk(folder),
  channels: [{ notifier }],
  now: Date.now,
  backoff: { first: 1, most: 20 },
});
outbox.start();
for (let n = 0; n < 60; n++) {
  await outbox.put(transitionOf(n));
  await outbox.put(transitionOf(n, 'resolved'));
}
await outbox.drained();
await outbox.stop();
