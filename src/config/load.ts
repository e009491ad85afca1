import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { faultsOfRule, inconsistencies } from './consistency.ts';
import { ruleSchema, type WrittenRule } from './rules.ts';
import { type Config, configSchema, type FileMapping, mappingSchema } from './schema.ts';
import { defaultVariables } from './variables.ts';

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
  throw new ConfigError(path, problemsOf(result.error, value).map(textOf));
}

function parseYaml(text: string, source: string): unknown {
  const document = parseDocument(text, { lineCounter: new LineCounter(), uniqueKeys: true });
  refuseBroken(document, source);
  return document.toJS();
}

function refuseBroken({ errors }: ReturnType<typeof parseDocument>, source: string): void {
  if (errors.length > 0)
    throw new ConfigError(
      source,
      errors.map((error) => error.message.split('\n')[0]!),
    );
}

export function checkConfig(value: unknown, source: string): Config {
  const result = configSchema.safeParse(value);
  if (!result.success) throw new ConfigError(source, problemsOf(result.error, value).map(textOf));
  const config = withRulesFile(result.data, source);
  const problems = inconsistencies(config).map(({ path, message }) =>
    textOf(locate(path.map(String), message, { ...(value as object), rules: config.rules })),
  );
  if (problems.length > 0) throw new ConfigError(source, problems);
  return config;
}

/** The rules of a file stand behind those of the configuration; its path is relative to the configuration. */
function withRulesFile(config: Config, source: string): Config {
  if (config.rulesFile === undefined) return config;
  const rulesFile = resolve(dirname(source), config.rulesFile);
  return { ...config, rulesFile, rules: [...config.rules, ...loadRules(rulesFile, config.variables)] };
}

const rulesFileSchema = z.strictObject({ rules: z.array(ruleSchema).min(1) });

/** Reads a file of rules. Throws ConfigError with every problem, each with its line. */
export function loadRules(path: string, variables: Config['variables'] = defaultVariables): WrittenRule[] {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines, uniqueKeys: true });
  refuseBroken(document, path);
  const value: unknown = document.toJS();
  const result = rulesFileSchema.safeParse(value);
  const problems = result.success
    ? semanticProblems(result.data.rules, variables)
    : problemsOf(result.error, value);
  const at = (problem: Problem) => `line ${lineOf(document, lines, problem.path)}: ${textOf(problem)}`;
  if (!result.success || problems.length > 0) throw new ConfigError(path, problems.map(at));
  return result.data.rules;
}

function semanticProblems(rules: readonly WrittenRule[], variables: Config['variables']): Problem[] {
  return rules.flatMap((rule, i) => {
    const again = rules.findIndex(({ id }) => id === rule.id) < i ? ['the id is used twice'] : [];
    return [...again, ...faultsOfRule(rule, { variables })].map((fault) => ({
      path: ['rules', String(i), 'id'],
      text: `: ${rule.id}: ${fault}`,
    }));
  });
}

/** Of the node at a path, or of the nearest one around it. */
function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number {
  const node = path.length > 0 ? document.getIn(path, true) : document.contents;
  if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  return path.length > 0 ? lineOf(document, lines, path.slice(0, -1)) : 1;
}

type Issue = { code: string; path: PropertyKey[]; message: string; keys?: string[]; errors?: Issue[][] };

interface Problem {
  readonly path: readonly string[];
  readonly text: string;
}

const textOf = ({ path, text }: Problem) => `${path.join('/') || '(top level)'}${text}`;

const problemsOf = ({ issues }: { readonly issues: readonly unknown[] }, value: unknown): Problem[] =>
  issues.flatMap((issue) => describe(issue, value));

function describe(raw: unknown, value: unknown): Problem[] {
  const issue = raw as Issue;
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return (issue.keys ?? []).map((key) => ({
      path: [...path, key],
      text: ' is not a known key; remove it or check its spelling',
    }));
  if (issue.code === 'invalid_union' && issue.errors?.length) return describeUnion(issue, value);
  return [locate(path, issue.message.replace('Invalid input: ', ''), value)];
}

/** Somebody who writes a secret in place is told so without its being printed. */
const secrets = new Set(['secret', 'password', 'token']);

/** `rules/0/clear: 4 must be ...`: the path, the offending value, what to do. */
function locate(path: readonly string[], message: string, value: unknown): Problem {
  const offending = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], value);
  const hidden = offending === undefined || secrets.has(path.at(-1) ?? '');
  const shown = hidden ? '' : ` ${JSON.stringify(offending)}`;
  return { path, text: `:${shown} ${message}` };
}

/** Of the branches of a union, the one that fits best (fewest problems) is the one the writer meant. */
function describeUnion(issue: Issue, value: unknown): Problem[] {
  const nearest = [...issue.errors!].sort((a, b) => weight(a) - weight(b))[0]!;
  return nearest.flatMap((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }, value));
}

const weight = (issues: Issue[]) =>
  issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? (issue.keys?.length ?? 1) : 1),
    0,
  );
