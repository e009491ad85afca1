import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { inconsistencies } from './consistency.ts';
import { type Config, configSchema, type FileMapping, mappingSchema } from './schema.ts';

/** The configuration cannot be used; one line per problem, each with its path and value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(source: string, problems: readonly string[]) {
    super(`${source}: ${problems.join('\n')}`);
    this.problems = problems;
  }
}

/** Reads and checks a configuration file whole. Throws ConfigError with every problem, not only the first. */
export function loadConfig(path: string): Config {
  return parseConfig(readText(path), path);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(path, [`cannot be read: ${(error as Error).message}`]);
  }
}

export function parseConfig(text: string, source: string): Config {
  return checkConfig(parseYaml(text, source) ?? {}, source);
}

/** The mapping of a file's columns, for files whose columns have names of their own. */
export function loadMapping(path: string): FileMapping {
  const value = parseYaml(readText(path), path);
  const result = mappingSchema.safeParse(value);
  if (result.success) return result.data;
  throw new ConfigError(
    path,
    result.error.issues.flatMap((issue) => describe(issue, value)),
  );
}

function parseYaml(text: string, source: string): unknown {
  const document = parseDocument(text, { lineCounter: new LineCounter(), uniqueKeys: true });
  if (document.errors.length === 0) return document.toJS();
  throw new ConfigError(
    source,
    document.errors.map((error) => error.message.split('\n')[0]!),
  );
}

export function checkConfig(value: unknown, source: string): Config {
  const result = configSchema.safeParse(value);
  const problems = result.success
    ? inconsistencies(result.data).map(({ path, message }) => locate(path.map(String), message, value))
    : result.error.issues.flatMap((issue) => describe(issue, value));
  if (!result.success || problems.length > 0) throw new ConfigError(source, problems);
  return result.data;
}

type Issue = { code: string; path: PropertyKey[]; message: string; keys?: string[]; errors?: Issue[][] };

function describe(raw: unknown, value: unknown): string[] {
  const issue = raw as Issue;
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return (issue.keys ?? []).map(
      (key) => `${[...path, key].join('/')} is not a known key; remove it or check its spelling`,
    );
  if (issue.code === 'invalid_union' && issue.errors?.length) return describeUnion(issue, value);
  return [locate(path, issue.message.replace('Invalid input: ', ''), value)];
}

/** `rules/0/clear: 4 must be ...`: the path, the offending value, what to do. */
function locate(path: string[], message: string, value: unknown): string {
  const offending = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], value);
  const shown = offending === undefined ? '' : ` ${JSON.stringify(offending)}`;
  return `${path.join('/') || '(top level)'}:${shown} ${message}`;
}

/** Of the branches of a union, the one that fits best (fewest problems) is the one the writer meant. */
function describeUnion(issue: Issue, value: unknown): string[] {
  const nearest = [...issue.errors!].sort((a, b) => weight(a) - weight(b))[0]!;
  return nearest.flatMap((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }, value));
}

const weight = (issues: Issue[]) =>
  issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? (issue.keys?.length ?? 1) : 1),
    0,
  );
