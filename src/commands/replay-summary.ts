import type { Edge } from '../edge.ts';
import { pending } from '../ledger.ts';

/** What a replay did; values by their fate add up: received = stored + quarantined + duplicate + late + pending. */
export interface Summary {
  readonly messages: number;
  readonly received: number;
  readonly stored: number;
  readonly quarantined: number;
  readonly duplicate: number;
  readonly late: number;
  readonly pending: number;
  readonly steps: number;
  readonly windows: number;
  readonly forecasts: number;
  readonly noForecasts: number;
  readonly alerts: number;
  readonly model: string | null;
  readonly seconds: number;
}

export function summarise(edge: Edge, seconds: number): Summary {
  const { produced, model } = edge.status();
  const total = edge.ledger.total();
  return {
    messages: produced.messages,
    received: total.received,
    stored: total.stored,
    quarantined: total.quarantined,
    duplicate: total.duplicate,
    late: total.lateOnly,
    pending: pending(total),
    steps: produced.steps,
    windows: produced.windows,
    forecasts: produced.forecasts,
    noForecasts: produced.noForecasts,
    alerts: produced.alerts,
    model: model?.id ?? null,
    seconds: Math.round(seconds * 10) / 10,
  };
}

export function describeSummary(summary: Summary): string {
  const { seconds, model, ...counts } = summary;
  const lines = Object.entries(counts).map(
    ([name, count]) => `  ${name.padEnd(12)}${count.toLocaleString('en').padStart(12)}`,
  );
  return [...lines, `  ${'model'.padEnd(12)}${(model ?? 'none').padStart(12)}`, `  in ${seconds} s`].join(
    '\n',
  );
}
