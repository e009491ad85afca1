import { Writable } from 'node:stream';
import type { Io } from '../../src/commands/command.ts';
import { main } from '../../src/main.ts';

/** Runs a command line in this process and collects what it says. */
export async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        said[name] += chunk;
        done();
      },
    });
  const io: Io = { out: sink('out'), err: sink('err'), env: {}, signal: new AbortController().signal };
  return { code: await main(argv, io), ...said };
}
