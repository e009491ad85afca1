import { z } from 'zod';
import type { Condition, Test } from '../alerts/condition.ts';
import type { Rule } from '../alerts/rule.ts';
import { duration, time } from './duration.ts';
import { name } from './name.ts';

/** How rules are written: a rule of one test gives it in place, one of several under `when`, or by severity. */

const severity = z.enum(['info', 'minor', 'moderate', 'severe', 'extreme']);

const testKeys = {
  variable: z.string(),
  on: z.enum(['observed', 'forecast']).default('observed'),
  direction: z.enum(['above', 'below']).default('above'),
  level: z.number(),
  clear: z.number(),
  unit: z.string().optional(),
  rise: duration.optional(),
  swing: duration.optional(),
  season: z.array(z.number()).length(12).optional(),
  probability: z.number().optional(),
  within: duration.optional(),
};

const testSchema = z.strictObject(testKeys);
type WrittenTest = z.output<typeof testSchema>;
type Written = WrittenTest | { all: Written[] } | { any: Written[] };
type WrittenInput = z.input<typeof testSchema> | { all: WrittenInput[] } | { any: WrittenInput[] };

const conditionSchema: z.ZodType<Written, WrittenInput> = z.lazy(() =>
  z.union([
    testSchema,
    z.strictObject({ all: z.array(conditionSchema).min(1) }),
    z.strictObject({ any: z.array(conditionSchema).min(1) }),
  ]),
);

const ruleKeys = {
  id: name,
  text: z.string(),
  hazard: name.optional(),
  stations: z.union([z.literal('*'), z.array(z.string()).min(1)]).default('*'),
  for: time('0s'),
  count: z.strictObject({ crossed: z.int(), of: z.int() }).optional(),
  agree: z.int().default(1),
  passes: z.int().default(3),
  fresh: time('6h'),
  silence: time('6h'),
  repeat: duration.optional(),
  escalate: duration.optional(),
  months: z.array(z.int()).min(1).optional(),
  provenance: z.string().optional(),
};
const demand = { severity: severity.default('moderate'), action: z.string().optional() };

const grade = z.strictObject({ severity, action: demand.action, when: conditionSchema });

export const ruleSchema = z.union([
  z
    .strictObject({ ...ruleKeys, ...demand, ...testKeys })
    .transform(
      ({
        variable,
        on,
        direction,
        level,
        clear,
        unit,
        rise,
        swing,
        season,
        probability,
        within,
        ...rule
      }) => {
        const when = {
          variable,
          on,
          direction,
          level,
          clear,
          unit,
          rise,
          swing,
          season,
          probability,
          within,
        };
        const { severity, action, ...rest } = rule;
        return finished(rest, [{ severity, action, when }]);
      },
    ),
  z
    .strictObject({ ...ruleKeys, ...demand, when: conditionSchema })
    .transform(({ severity, action, when, ...rest }) => finished(rest, [{ severity, action, when }])),
  z
    .strictObject({ ...ruleKeys, grades: z.array(grade).min(1) })
    .transform(({ grades, ...rest }) => finished(rest, grades)),
]);

/** A rule, with the units that its levels were written in. */
export interface WrittenRule extends Rule {
  readonly units: readonly { readonly variable: string; readonly unit: string | undefined }[];
}

type Rest = Omit<Rule, 'grades' | 'hazard'> & { readonly hazard?: string | undefined };
type WrittenGrade = Omit<Rule['grades'][number], 'when'> & { readonly when: Written };

function finished(rest: Rest, grades: readonly WrittenGrade[]): WrittenRule {
  return {
    ...rest,
    hazard: rest.hazard ?? rest.id,
    grades: grades.map(({ when, ...grade }) => ({ ...grade, when: conditionOf(when) })),
    units: grades.flatMap(({ when }) => unitsOf(when)),
  };
}

function conditionOf(written: Written): Condition {
  if ('all' in written) return { all: written.all.map(conditionOf) };
  if ('any' in written) return { any: written.any.map(conditionOf) };
  const { unit: _, rise, swing, ...test } = written;
  const over = rise ?? swing;
  return { ...test, measure: measureOf(written), ...(over !== undefined && { over }) };
}

function measureOf({ rise, swing, season, probability }: WrittenTest): Test['measure'] {
  if (rise !== undefined) return 'rise';
  if (swing !== undefined) return 'swing';
  if (season) return 'departure';
  return probability === undefined ? 'value' : 'probability';
}

function unitsOf(written: Written): WrittenRule['units'][number][] {
  if ('all' in written) return written.all.flatMap(unitsOf);
  if ('any' in written) return written.any.flatMap(unitsOf);
  return [{ variable: written.variable, unit: written.unit }];
}
