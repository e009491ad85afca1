import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertTransition } from '../alerts/alert.ts';
import { chartOf } from '../alerts/chart.ts';
import { type Background, messageId } from '../alerts/message.ts';
import { trackRecord } from '../alerts/track-record.ts';
import type { Forecast } from '../model/forecast.ts';
import type { Store } from '../store/store.ts';
import type { Step } from '../stream/step.ts';

export interface BackgroundOptions {
  /** Days of forecasts that the model is judged by. */
  readonly days?: number;
  /** ms between two looks for the forecast, and their number: it may not have reached the store yet. */
  readonly pause?: number;
  readonly looks?: number;
  /** ms after which a message goes without. */
  readonly patience?: number;
}

const day = 86_400_000;

/**
 * What the store says beside a transition: the last two days with the forecast, and how the model has been doing. A
 * store that is away or slow holds up no warning; the message then says that this is not known. Channels that send
 * the same message one after the other share one look.
 */
export function backgroundFrom(store: Store, options: BackgroundOptions = {}) {
  const { patience = 5000 } = options;
  let last: { readonly id: string; readonly found: Promise<Background> } | undefined;
  const find = async (transition: AlertTransition): Promise<Background> => {
    const late = sleep(patience, {}, { ref: false });
    const found = await Promise.race([look(store, transition, options), late]).catch(() => ({}));
    // The next try of a message that went without may find more.
    if (Object.keys(found).length === 0) last = undefined;
    return found;
  };
  return (transition: AlertTransition): Promise<Background> => {
    const id = messageId(transition);
    if (last?.id !== id) last = { id, found: find(transition) };
    return last.found;
  };
}

async function look(
  store: Store,
  { evidence, time }: AlertTransition,
  { days = 30, pause = 500, looks = 4 }: BackgroundOptions,
): Promise<Background> {
  if (evidence.on === 'watch') return {};
  const { station, variable, issuedAt = Math.min(evidence.time, time), model, horizon } = evidence;
  const at = { station, variable, from: issuedAt - days * day };
  let forecasts: Forecast[] = [];
  for (let i = 0; i < looks; i++) {
    if (i > 0) await sleep(pause);
    forecasts = await all(store.forecasts({ ...at, to: issuedAt + 1 }));
    if (evidence.on === 'observed' || forecasts.some((one) => one.issuedAt === issuedAt)) break;
  }
  // Only what had ended by then, so that a repeat after an outage shows the same.
  const steps = (await all<Step>(store.steps({ ...at, to: time }))).filter(
    ({ start, length }) => start + length <= time,
  );
  const shown = steps.filter(({ start }) => start >= issuedAt - 2 * day);
  const forecast = newest(forecasts, issuedAt, evidence.on === 'observed' ? undefined : evidence.revision);
  const record =
    model !== undefined && horizon !== undefined
      ? trackRecord(forecasts, steps, { model, horizon, days })
      : undefined;
  return { chart: chartOf(variable, shown, forecast), record };
}

/** The forecast that decided; beside an observation the newest there is, if it is not older than a day. */
function newest(
  forecasts: readonly Forecast[],
  issuedAt: number,
  revision: number | undefined,
): Forecast | undefined {
  const there = forecasts.filter((one) => one.issuedAt === issuedAt);
  const exact = there.find((one) => one.revision === revision) ?? there.at(-1);
  if (exact) return exact;
  const last = forecasts.reduce<Forecast | undefined>(
    (a, b) => (a && a.issuedAt > b.issuedAt ? a : b),
    undefined,
  );
  return last && last.issuedAt > issuedAt - day ? last : undefined;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
