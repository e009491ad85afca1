/**
 * A process to be killed: a source and the journal behind it, nothing else. Arguments: the data folder, and the
 * address of a broker or, without one, the port for a broker of its own.
 */
import { openDisk } from '../../src/disk.ts';
import { AedesSource } from '../../src/ingest/aedes-source.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import { MqttSource } from '../../src/ingest/mqtt-source.ts';
import type { Source } from '../../src/ingest/source.ts';

const [folder, address] = process.argv.slice(2) as [string, string];
const journal = openJournal(openDisk(folder));
const clock = Date.now;
const source: Source = address.startsWith('mqtt:')
  ? new MqttSource({
      url: address,
      protocol: 5,
      clientId: 'redtide',
      topics: ['n'],
      clock,
      reconnectPeriod: 50,
    })
  : new AedesSource({ host: '127.0.0.1', port: Number(address), topics: ['n'], clock });
await source.start(async (message) => {
  await journal.append({ kind: 'message', ...message });
});
process.stdout.write('ready\n');
