import type { Event, Standing } from './lifecycle.ts';
import type { Finding } from './member.ts';
import type { Rule } from './rule.ts';
import { span } from './wording.ts';

/** Of these people are told later, once nothing keeps them from it any more. */
export const owed: ReadonlySet<Event> = new Set(['held', 'raised', 'silent', 'heard']);

/** Why nobody is told of it; undefined where people are. `kept` is what keeps the alert from being told of. */
export function quietFor(event: Event, standing: Standing, kept: string | undefined): string | undefined {
  if (event === 'crossed' || (standing.state === 'pending' && event !== 'held')) return 'only pending';
  if (event === 'joined') return 'the warning of the area stands';
  if (event === 'noted') return 'for the record';
  if (event === 'held' || event === 'raised' || event === 'repeated' || event === 'escalated') return kept;
  if (!standing.told) return kept ?? 'nobody was told that it began';
  // Who was told that it began is told of its end, whatever keeps the rest from being said.
  return event === 'cleared' || event === 'withdrawn' ? undefined : kept;
}

/** What the reason says besides the evidence. */
export function addition(
  event: Event,
  standing: Standing,
  rule: Rule,
  { span: { until } }: Finding,
  stations: readonly string[],
): string {
  const { count, agree, for: held, passes } = rule;
  const all = stations.length > 1 ? `, at ${stations.join(', ')}` : '';
  const steps = count ? ` in ${count.crossed} of ${count.of} steps` : held > 0 ? ` for ${span(held)}` : '';
  if (event === 'crossed') return `; it must hold${steps}${agree > 1 ? ` at ${agree} stations` : ''}`;
  if (event === 'held' || event === 'raised') {
    const lasted = count || held === 0 ? steps : ` for ${span(until - standing.onset)}`;
    return lasted + all;
  }
  if (event === 'cleared' && standing.state === 'pending') return ` before it held${steps}`;
  return event === 'cleared' && passes > 1
    ? `, as in all of the last ${Object.values(standing.members)[0]!.passes} steps`
    : '';
}

/** Without the words of earlier repeats. */
export const lastSaid = ({ last }: Standing) =>
  last!.reason.replace(/^((not acknowledged for [^,]+, )?still \w+: )+/, '');
