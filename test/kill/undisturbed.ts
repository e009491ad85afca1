import pino from 'pino';
import { formatsOf } from '../../src/commands/adapters.ts';
import { modelOf, openData, version } from '../../src/commands/shore.ts';
import type { Config } from '../../src/config/schema.ts';
import { startEdge } from '../../src/edge.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import type { JournalRecord } from '../../src/ingest/journal-record.ts';
import type { Source } from '../../src/ingest/source.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import type { Store } from '../../src/store/store.ts';

/** From where nothing comes: all there is, is in the journal. */
const silence: Source = {
  state: 'connected',
  ended: new Promise<void>(() => {}),
  start: async () => {},
  stop: async () => {},
};

/**
 * Puts these records into the empty folder of `config` as they are, and runs an edge over them from the first to
 * the last, without an end in between. Calls `look` with the store that it filled.
 */
export async function undisturbed(
  config: Config,
  records: Iterable<JournalRecord>,
  look: (store: Store) => Promise<void>,
): Promise<void> {
  const disk = openData(config);
  const journal = openJournal(disk);
  let last = Promise.resolve(0);
  for (const { sequence, ...entry } of records) {
    last = journal.append(entry);
    if (sequence % 10_000 === 0) await last;
  }
  await last;
  await journal.close();
  const edge = await startEdge({
    config,
    formats: formatsOf(config),
    disk,
    source: () => silence,
    address: () => 'nowhere',
    store: new LmdbStore(disk),
    // Which model serves is in the journal; the folder is not asked.
    model: Object.assign(await modelOf(config), { wanted: async () => undefined }),
    channels: () => [],
    clock: Date.now,
    log: pino({ level: 'silent' }),
    version,
  });
  await edge.drained();
  await edge.stop();
  await look(new LmdbStore(disk));
  await disk.close();
}
