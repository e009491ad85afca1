import { Checkpoint } from '../../src/checkpoint.ts';
import { AedesSource } from '../../src/ingest/aedes-source.ts';
import { MqttSource } from '../../src/ingest/mqtt-source.ts';
import type { Accept } from '../../src/ingest/source.ts';
import { MemoryKeep } from '../../src/stream/kept.ts';

const accountsOnly = new Set(['plan', 'ledger']);

/** Ways to be wrong, for a look at whether the test notices: REDTIDE_MUTANT names one. */
const mutants = {
  /** Acknowledges what the journal does not have yet: over MQTT.js and as the broker. */
  early() {
    for (const { prototype } of [MqttSource, AedesSource]) {
      const start = prototype.start;
      prototype.start = function (this: MqttSource & AedesSource, accept: Accept) {
        return start.call(this, async (message) => void accept(message).catch(() => {}));
      };
    }
  },
  /** Says that it saved, and did not. */
  unsaved() {
    Checkpoint.prototype.save = async () => {};
  },
  /** Goes on from the position of the checkpoint, with none of the state of its stages. */
  forgetful() {
    const { map } = MemoryKeep.prototype;
    MemoryKeep.prototype.map = function (stage, codec) {
      const kept = map.call(this, stage, codec) as ReturnType<typeof map<ReturnType<typeof codec.decode>>>;
      if (!accountsOnly.has(stage)) for (const [station] of [...kept.entries()]) kept.delete(station);
      return kept;
    };
  },
};

export function mutate(name: string | undefined): void {
  if (!name) return;
  if (!Object.hasOwn(mutants, name))
    throw new Error(`REDTIDE_MUTANT=${name}: there are ${Object.keys(mutants)}`);
  mutants[name as keyof typeof mutants]();
}
