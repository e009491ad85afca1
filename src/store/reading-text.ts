import type { Reading } from '../ingest/reading.ts';
import { escapedTag, latestTime } from './line-protocol.ts';

/**
 * The line of a reading, as `encodeLine` makes it of `readingLine`, without the objects in between: nearly all that is
 * written are readings. Undefined where a part is refused, or needs to be escaped; then the long way tells.
 */
export function readingText(reading: Reading): string | undefined {
  const { station, sensor, variable, time, value, flag, receivedAt, failed, revision, lateOnly } = reading;
  const [from, by, what] = [escapedTag(station), escapedTag(sensor), escapedTag(variable)];
  if (from === undefined || by === undefined || what === undefined) return undefined;
  if (!Number.isFinite(value) || !Number.isSafeInteger(flag) || !Number.isSafeInteger(receivedAt))
    return undefined;
  if (!Number.isSafeInteger(time) || Math.abs(time) >= latestTime) return undefined;
  const tests = failed.length === 0 ? '' : failed.join();
  if (tests.length > 200 || /["\\]/.test(tests)) return undefined;
  const key = `reading,sensor=${by},station=${from},variable=${what}`;
  const fields = `value=${value},flag=${flag}i,receivedAt=${receivedAt}i,failed="${tests}",revision="${revision}"`;
  return `${key} ${fields},lateOnly=${lateOnly} ${time}`;
}
