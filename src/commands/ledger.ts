import { Checkpoint } from '../checkpoint.ts';
import { loadConfig } from '../config/load.ts';
import { type Account, Ledger, nowhere, pending } from '../ledger.ts';
import { type Command, exit, flag, UsageError } from './command.ts';
import { readData } from './shore.ts';

const columns = ['received', 'stored', 'quarantined', 'duplicate', 'lateOnly', 'shed', 'pending'] as const;
type Row = { readonly station: string } & Readonly<Record<(typeof columns)[number], number>>;

export const command: Command = {
  summary: 'what became of every value received, by station',
  usage: 'FILE [--json]',
  about: `Reads the last checkpoint in the data folder of the configuration FILE, which an edge may be writing meanwhile:
received = stored + quarantined + duplicate + lateOnly + shed + pending, in values. What arrived after the
checkpoint (a few seconds) is not in it yet. ${nowhere} stands for messages that name no known station. The exit
code is 1 where a row does not balance.`,
  options: { json: { type: 'boolean', help: 'as JSON: position in the journal, rows, total' } },
  async run(values, [file], io) {
    if (!file) throw new UsageError('needs a configuration file');
    const disk = readData(loadConfig(file));
    try {
      const { position, keep } = Checkpoint.read(disk);
      const ledger = new Ledger(keep);
      const rows = [...ledger.stations()].map(([station, account]) => rowOf(station, account));
      rows.sort((a, b) => (a.station < b.station ? -1 : 1));
      const total = rowOf('total', ledger.total());
      const whole = JSON.stringify({ position, stations: rows, total });
      io.out.write(flag(values, 'json') ? `${whole}\n` : table([...rows, total]));
      return rows.every((row) => row.pending >= 0) ? exit.ok : exit.failed;
    } finally {
      await disk.close();
    }
  },
};

const rowOf = (station: string, account: Readonly<Account>): Row => ({
  station,
  ...account,
  pending: pending(account),
});

function table(rows: readonly Row[]): string {
  const lines = [
    ['station', ...columns],
    ...rows.map((row) => [row.station, ...columns.map((name) => `${row[name]}`)]),
  ];
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const format = (line: readonly string[]) =>
    line.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[at]!))).join('  ');
  return `${lines.map(format).join('\n')}\n`;
}
