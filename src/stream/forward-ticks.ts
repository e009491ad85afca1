import type { OperatorFunction } from 'rxjs';
import type { Tick } from '../ingest/reading.ts';
import { type Codec, type Keep, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';
import { pack, unpack } from './pack.ts';

interface Newest {
  time: number;
}

const codec: Codec<Newest> = {
  encode: ({ time }) => pack([], [time]),
  decode: (bytes) => ({ time: unpack(bytes).numbers[0]! }),
};

/** Drops ticks that run backward, as they do where the host's clock was put right. All else passes. */
export function forwardTicks<T extends { readonly kind: string }>(options: {
  readonly keep?: Keep | undefined;
}): OperatorFunction<T | Tick, T | Tick> {
  return operator((emit) => {
    const kept = (options.keep ?? new MemoryKeep()).map('ticks', codec);
    return (event) => {
      if (event.kind === 'tick') {
        const { time } = event as Tick;
        if (time < (kept.get('')?.time ?? Number.NEGATIVE_INFINITY)) return;
        kept.change('', () => ({ time })).time = time;
      }
      emit(event);
    };
  });
}
