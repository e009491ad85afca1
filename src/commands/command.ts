/** An option of the command line, with what `--help` says of it. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  readonly help: string;
  /** What stands for the value in the usage line. */
  readonly value?: string;
}

export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

/** What a command is given of the world; tests hand in their own. */
export interface Io {
  readonly out: NodeJS.WriteStream | NodeJS.WritableStream;
  readonly err: NodeJS.WriteStream | NodeJS.WritableStream;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C or SIGTERM: finish what is begun and return. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly summary: string;
  /** What follows the name in the usage line. */
  readonly usage: string;
  /** Paragraphs for `--help`, after the usage. */
  readonly about: string;
  readonly options: Record<string, Option>;
  /** Resolves with the exit code. */
  run(values: Values, positionals: readonly string[], io: Io): Promise<number>;
}

/** Exit codes of every command; `--help` prints them. */
export const exit = { ok: 0, failed: 1, usage: 2, refused: 3 } as const;

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command ran, and the answer is no (a model that was not better, say): exit code 3. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export const text = (values: Values, name: string): string | undefined => values[name] as string | undefined;
export const flag = (values: Values, name: string): boolean => values[name] === true;

/** A number option, or its default; the error names the option and the value. */
export function number(values: Values, name: string, otherwise: number): number {
  const given = text(values, name);
  if (given === undefined) return otherwise;
  const parsed = Number(given);
  if (given.trim() === '' || !Number.isFinite(parsed))
    throw new UsageError(`--${name} ${given} is not a number`);
  return parsed;
}

/** An instant such as 2007-01-01 or 2007-01-01T06:00Z, in UTC, as ms since the epoch. */
export function instant(values: Values, name: string): number | undefined {
  const given = text(values, name);
  if (given === undefined) return undefined;
  const zoned = /^\d{4}-\d{2}-\d{2}$/.test(given) ? `${given}T00:00:00Z` : given;
  const ms = /(Z|[+-]\d{2}:?\d{2})$/.test(zoned) ? Date.parse(zoned) : Number.NaN;
  if (Number.isNaN(ms))
    throw new UsageError(`--${name} ${given} is no instant; write 2007-01-01 or 2007-01-01T06:00:00Z`);
  return ms;
}
