import { age, type Status } from './status.ts';

export interface Reason {
  readonly check: 'pipeline' | 'source' | 'store' | 'clock' | 'model' | 'data';
  readonly detail: string;
}

export interface Verdict {
  readonly ok: boolean;
  /** Why not; empty when ok. */
  readonly reasons: readonly Reason[];
}

export interface Limits {
  /** Real ms for which records may wait with none going through. */
  readonly stalled: number;
  /** ms by the clock of the data since the newest reading of any station. */
  readonly dataAge: number;
}

export const defaultLimits: Limits = { stalled: 60_000, dataAge: 3 * 3_600_000 };

/** Whether the process does its work. A supervisor may restart it when not. */
export function health({ journal }: Status, { stalled }: Limits = defaultLimits): Verdict {
  if (journal.stalled <= stalled) return verdict([]);
  const waiting = journal.head - journal.position;
  const detail = `${waiting} records have waited in the journal for ${age(journal.stalled)} and none went through`;
  return verdict([{ check: 'pipeline', detail }]);
}

/** Whether warnings can be relied upon now. A restart would not help where this says no and `health` says yes. */
export function readiness(status: Status, limits: Limits = defaultLimits): Verdict {
  return verdict([
    ...health(status, limits).reasons,
    ...heldReasons(status),
    ...sourceReasons(status),
    ...storeReasons(status),
    ...clockReasons(status),
    ...modelReasons(status),
    ...dataReasons(status, limits),
  ]);
}

function heldReasons({ journal: { held } }: Status): Reason[] {
  if (held === undefined) return [];
  return [{ check: 'pipeline', detail: `messages wait at the broker, unacknowledged: ${held}` }];
}

/** So long after the broker dropped messages that is a reason, ms. */
const droppedFor = 24 * 3_600_000;

function sourceReasons({ source: { state, address, dropped }, now }: Status): Reason[] {
  const reasons: Reason[] = [];
  if (state !== 'connected' && state !== 'ended')
    reasons.push({ check: 'source', detail: `${address} is ${state}` });
  if (dropped?.last !== undefined && now - dropped.last < droppedFor)
    reasons.push({
      check: 'source',
      detail: `${address} dropped messages (${dropped.dropped} by now, the last ${age(now - dropped.last)} ago): its queue limits must be off, see deploy/mosquitto`,
    });
  return reasons;
}

function storeReasons({ store: { name, state, waiting, detail } }: Status): Reason[] {
  if (state !== 'stuck') return [];
  const why = detail ? `: ${detail}` : '';
  return [
    {
      check: 'store',
      detail: `${name} does not answer and the disk takes no more, ${waiting} points wait${why}`,
    },
  ];
}

function clockReasons({ clock }: Status): Reason[] {
  if (clock?.state !== 'held') return [];
  const detail = `the host's clock is not believed (${clock.reason}): messages are accepted and wait in the journal`;
  return [{ check: 'clock', detail }];
}

function modelReasons({ model }: Status): Reason[] {
  return model ? [] : [{ check: 'model', detail: 'no model is loaded, so nothing is forecast' }];
}

function dataReasons({ stations, now }: Status, { dataAge }: Limits): Reason[] {
  const newest = Math.max(...stations.map((station) => station.newest ?? Number.NEGATIVE_INFINITY));
  if (newest === Number.NEGATIVE_INFINITY)
    return [{ check: 'data', detail: 'no station has been heard yet' }];
  if (now - newest <= dataAge) return [];
  const detail = `the newest reading is ${age(now - newest)} old, more than ${age(dataAge)}`;
  return [{ check: 'data', detail }];
}

function verdict(reasons: readonly Reason[]): Verdict {
  return { ok: reasons.length === 0, reasons };
}
