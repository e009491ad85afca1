import type { Drawn } from '../dashboard/history.ts';
import { drawing } from './element.ts';
import { get } from './feed.ts';
import { say } from './settings.ts';

const width = 96;
const height = 24;
const span = 2 * 86_400_000;
/** ms for which a line is good enough. */
const fresh = 300_000;

interface Line {
  readonly readAt: number;
  readonly points: string;
}

const lines = new Map<string, Line>();
const asked = new Set<string>();
/** Requests at once: a page over many stations must not be the edge's main work. */
let underWay = 0;
const queue: (() => void)[] = [];

/** The last two days of one variable, small; drawn once they are here. Decoration: the number stands beside it. */
export function sparkline(station: string, variable: string, now: number): SVGElement {
  const line = drawing('polyline', { points: '' });
  const picture = drawing('svg', { viewBox: `0 0 ${width} ${height}`, class: 'spark', role: 'img' }, line);
  picture.setAttribute('aria-label', `${station}: ${say('sparkline')}`);
  void pointsOf(station, variable, now).then((points) => line.setAttribute('points', points));
  return picture;
}

async function pointsOf(station: string, variable: string, now: number): Promise<string> {
  const key = `${station}\n${variable}`;
  const known = lines.get(key);
  if (known && now - known.readAt < fresh) return known.points;
  if (asked.has(key)) return known?.points ?? '';
  asked.add(key);
  try {
    if (underWay >= 4) await new Promise<void>((resolve) => queue.push(resolve));
    underWay++;
    const query = new URLSearchParams({
      station,
      variable,
      from: `${now - span}`,
      to: `${now}`,
      width: '48',
    });
    const points = drawn(await get<Drawn>(`/api/history?${query}`), now);
    lines.set(key, { readAt: now, points });
    return points;
  } catch {
    return known?.points ?? '';
  } finally {
    asked.delete(key);
    underWay--;
    queue.shift()?.();
  }
}

function drawn({ time, mean }: Drawn, now: number): string {
  const low = Math.min(...mean);
  const extent = Math.max(...mean) - low || 1;
  const x = (at: number) => (((at - now + span) / span) * (width - 4) + 2).toFixed(1);
  const y = (value: number) => (height - 3 - ((value - low) / extent) * (height - 6)).toFixed(1);
  return time.map((at, i) => `${x(at)},${y(mean[i]!)}`).join(' ');
}
