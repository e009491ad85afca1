/** What matters of one system call, in the order in which the kernel saw it. */
export type Call =
  | { readonly kind: 'written'; readonly bytes: Buffer }
  /** All that was written before it began is on the disk once it has ended. */
  | { readonly kind: 'sync begins'; readonly thread: string }
  | { readonly kind: 'sync ends'; readonly thread: string }
  | { readonly kind: 'pubacks'; readonly count: number };

export const traced =
  'write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2,fdatasync,fsync,msync,sync_file_range';

/** Reads a line of `strace -f -yy -xx`: thread, call, first argument with what it is, the rest. */
const line =
  /^(?<thread>\d+) +(?:(?<call>\w+)\((?<to>[^,)]*)(?<rest>.*)|<\.\.\. (?<resumed>\w+) resumed>(?<end>.*))$/;
const isSync = (call: string) => call === 'fdatasync' || call === 'fsync' || call === 'msync';

/**
 * The calls of a trace. A call that another thread interrupts has two lines: a write counts from its end on, a sync
 * has a begin and an end, and a PUBACK counts from its begin.
 */
export function* callsOf(trace: string): Generator<Call> {
  const underWay = new Map<string, Call>();
  for (const text of trace.split('\n')) {
    const { thread = '', call = '', to = '', rest = '', resumed, end = '' } = line.exec(text)?.groups ?? {};
    const unfinished = rest.includes('<unfinished') || to.includes('<unfinished');
    if (resumed !== undefined) {
      const ended = underWay.get(thread);
      underWay.delete(thread);
      if (ended && succeeded(end)) yield ended;
    } else if (isSync(call)) {
      yield { kind: 'sync begins', thread };
      yield* endOf({ kind: 'sync ends', thread });
    } else if (to.includes('<TCP')) {
      const sent = bytesIn(rest);
      if (sent[0] === 0x40) yield { kind: 'pubacks', count: sent.length / 4 };
    } else if (call !== '') yield* endOf({ kind: 'written', bytes: bytesIn(rest) });

    function* endOf(done: Call): Generator<Call> {
      if (unfinished) underWay.set(thread, done);
      else if (succeeded(to + rest)) yield done;
    }
  }
}

const succeeded = (rest: string) => / = \d+$/.test(rest);

export function pubacksIn(trace: string): number {
  let count = 0;
  for (const call of callsOf(trace)) if (call.kind === 'pubacks') count += call.count;
  return count;
}

/** All strings of a call in one piece, as -xx writes them: "\x40\x02". */
function bytesIn(rest: string): Buffer {
  const strings = rest.match(/"(?:\\x[0-9a-f]{2})*"/g) ?? [];
  return Buffer.from(strings.join('').replace(/["\\x]/g, ''), 'hex');
}

/**
 * Numbers of the messages whose PUBACK was written before a sync that covers them had ended. PUBACKs go out in the
 * order of the messages, so the nth is for the nth of `payloads`.
 */
export function acknowledgedTooEarly(trace: string, payloads: readonly string[]): number[] {
  const early: number[] = [];
  const covers = new Map<string, Set<number>>();
  const written = new Set<number>();
  const durable = new Set<number>();
  let acknowledged = 0;
  for (const call of callsOf(trace)) {
    if (call.kind === 'written') note(call.bytes);
    else if (call.kind === 'sync begins') covers.set(call.thread, new Set(written));
    else if (call.kind === 'sync ends')
      for (const number of covers.get(call.thread) ?? []) durable.add(number);
    else
      for (const end = acknowledged + call.count; acknowledged < end; acknowledged++)
        if (!durable.has(acknowledged)) early.push(acknowledged);
  }
  if (acknowledged !== payloads.length)
    throw new Error(`the trace has ${acknowledged} PUBACKs, and there were ${payloads.length} messages`);
  return early;

  function note(bytes: Buffer): void {
    payloads.forEach((payload, number) => {
      if (!written.has(number) && bytes.includes(payload)) written.add(number);
    });
  }
}
