import { type Observation, type Seen, SequenceSeen, show, Undecodable } from './observation.ts';

/** What a payload states beside its values: its number, and the counter that it is of. */
export interface Stated {
  readonly station: unknown;
  readonly sequence: unknown;
  readonly stream: unknown;
  readonly at: string;
}

/** What was seen under one number, and the number. A number that is none is a fault, and takes no value with it. */
export function numbered({ station, sequence, stream, at }: Stated, seen: Seen[]): Seen[] {
  if (sequence === undefined || sequence === null || sequence === '') return seen;
  const number = typeof sequence === 'string' && /^\d{1,16}$/.test(sequence) ? Number(sequence) : sequence;
  const fault = (name: string, value: unknown, what: string) =>
    new Undecodable(`${at}/${name}: ${show(value)} ${what}`, 'bad-value');
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0)
    return [...seen, fault('sequence', sequence, 'is no whole number from 0 to 9007199254740991')];
  const name = typeof stream === 'number' ? String(stream) : (stream ?? '');
  if (typeof name !== 'string' || name.length > 64)
    return [...seen, fault('stream', stream, 'cannot name a counter: it takes 64 characters at most')];
  return [...seen, new SequenceSeen(station ?? stationOf(seen), name, number, newestOf(seen))];
}

const observations = (seen: readonly Seen[]) =>
  seen.filter((one): one is Observation => !(one instanceof Undecodable || one instanceof SequenceSeen));

const stationOf = (seen: readonly Seen[]) => observations(seen)[0]?.station;

function newestOf(seen: readonly Seen[]): number | undefined {
  const times = observations(seen).flatMap(({ time }) => time ?? []);
  return times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : undefined;
}
