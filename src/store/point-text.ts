import type { Reading } from '../ingest/reading.ts';
import type { Step } from '../stream/step.ts';
import { escapedTag, latestTime } from './line-protocol.ts';

// Lines as `encodeLine` makes them of `linesOf`, without the objects in between: nearly all that is written are
// readings and steps. Undefined where a part is refused, or needs to be escaped; then the long way tells.

export function readingText(reading: Reading): string | undefined {
  const { time, value, flag, receivedAt, failed, revision, lateOnly } = reading;
  const key = seriesText(reading);
  if (key === undefined || !isTime(time)) return undefined;
  if (!Number.isFinite(value) || !Number.isSafeInteger(flag) || !Number.isSafeInteger(receivedAt))
    return undefined;
  const tests = failed.length === 0 ? '' : failed.join();
  if (tests.length > 200 || /["\\]/.test(tests)) return undefined;
  const fields = `value=${value},flag=${flag}i,receivedAt=${receivedAt}i,failed="${tests}",revision="${revision}"`;
  return `reading,${key} ${fields},lateOnly=${lateOnly} ${time}`;
}

export function stepText(step: Step): string | undefined {
  const { start, length, count, coverage, mean, minimum, maximum, deviation, flag, revision } = step;
  const key = seriesText(step);
  if (key === undefined || !isTime(start) || count === 0) return undefined;
  if (!Number.isFinite(coverage + mean + minimum + maximum + deviation)) return undefined;
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(length) || !Number.isSafeInteger(revision))
    return undefined;
  const floats = `coverage=${coverage},mean=${mean},minimum=${minimum},maximum=${maximum},deviation=${deviation}`;
  return `step,${key} ${floats},count=${count}i,flag=${flag}i,length=${length}i,revision=${revision}i ${start}`;
}

function seriesText({ station, sensor, variable }: Reading | Step): string | undefined {
  const [from, by, what] = [escapedTag(station), escapedTag(sensor), escapedTag(variable)];
  if (from === undefined || by === undefined || what === undefined) return undefined;
  return `sensor=${by},station=${from},variable=${what}`;
}

const isTime = (time: number) => Number.isSafeInteger(time) && Math.abs(time) < latestTime;
