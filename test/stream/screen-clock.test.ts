import test from 'ava';
import type { Rejection } from '../../src/ingest/reading.ts';
import { screenClock } from '../../src/stream/screen-clock.ts';
import { draw } from './drawing.ts';
import { reading, tick } from './events.ts';

const noon = Date.parse('2026-05-01T12:00:00Z');
const operator = screenClock({ ahead: 600_000, behind: 86_400_000 });

const rejection = (reason: Rejection['reason'], detail: string): Rejection => ({
  kind: 'rejection',
  station: 'B01',
  reason,
  detail,
  values: 1,
});

test('readings out of bounds become rejections in their place; the bounds themselves pass', (t) => {
  draw(t, {
    operator,
    input: ' -a-b-c-d-t-|',
    output: '-a-B-c-D-t-|',
    events: {
      a: reading(noon + 600_000, 1, { receivedAt: noon }),
      b: reading(noon + 600_001, 1, { receivedAt: noon }),
      c: reading(noon - 86_400_000, 1, { receivedAt: noon }),
      d: reading(noon - 86_400_001, 1, { receivedAt: noon }),
      t: tick(0),
      B: rejection(
        'clock-ahead',
        'chlorophyll of surface at 2026-05-01T12:10:00.001Z is 600001 ms after its arrival at ' +
          '2026-05-01T12:00:00.000Z; 600000 ms are allowed',
      ),
      D: rejection(
        'clock-behind',
        'chlorophyll of surface at 2026-04-30T11:59:59.999Z is 86400001 ms before its arrival at ' +
          '2026-05-01T12:00:00.000Z; 86400000 ms are allowed',
      ),
    },
  });
});

test('what is no reading passes untouched, and an error goes on', (t) => {
  const events = { x: rejection('undecodable', 'not JSON') };
  draw(t, { operator, input: ' -x-x-#', output: '-x-x-#', events });
});

test('stamps beyond what a date can say are told all the same', (t) => {
  draw(t, {
    operator: screenClock({ ahead: 0, behind: 0 }),
    input: ' a',
    output: 'A',
    events: {
      a: reading(9e15, 1, { receivedAt: noon }),
      A: rejection(
        'clock-ahead',
        `chlorophyll of surface at 9000000000000000 ms is ${9e15 - noon} ms after its arrival at ` +
          '2026-05-01T12:00:00.000Z; 0 ms are allowed',
      ),
    },
  });
});
