import test from 'ava';
import { type Challenge, judge, type Standing } from '../../../../src/model/training/contest/gate.ts';

const standing = (change: Partial<Standing> = {}): Standing => ({
  samples: 5000,
  weeks: 12,
  overChampion: { value: 0.1, low: 0.04, high: 0.16 },
  overBaselines: { persistence: { value: 0.3, low: 0.2, high: 0.4 } },
  coverage: 0.8,
  alarms: { challenger: { all: 10, false: 2, missed: 1 }, champion: { all: 8, false: 2, missed: 1 } },
  ...change,
});
const challenge = (
  recent: Partial<Standing> = {},
  older: Partial<Standing> = {},
  deadHeads = {},
): Challenge => ({
  network: 'redtide',
  recent: standing(recent),
  older: standing(older),
  deadHeads,
});

test('what is better, honest and warns no more falsely goes into service, with its numbers', (t) => {
  const { promote, reasons } = judge(challenge());
  t.true(promote);
  t.is(reasons[0], 'better than the champion on the recent hold-out: 10.0 % (95 % interval 4.0 % to 16.0 %)');
});

const refusals: readonly (readonly [string, Challenge, RegExp])[] = [
  [
    'an interval that reaches zero',
    challenge({ overChampion: { value: 0.1, low: 0, high: 0.2 } }),
    /not proven better .*10\.0 %/,
  ],
  ['no interval at all', challenge({ overChampion: { value: 0.1 } }), /not proven better/],
  [
    'worse on the older hold-out',
    challenge({}, { overChampion: { value: -0.021, low: -0.1, high: 0 } }),
    /older hold-out: -2\.1 %/,
  ],
  [
    'worse than a baseline',
    challenge({ overBaselines: { ridge: { value: -0.1, low: -0.2, high: -0.01 } } }),
    /worse than ridge: -10\.0 %/,
  ],
  ['an interval that is too narrow', challenge({ coverage: 0.74 }), /covers 74\.0 %/],
  ['an interval that is too wide', challenge({ coverage: 0.86 }), /covers 86\.0 %/],
  [
    'more false alarms',
    challenge({
      alarms: { challenger: { all: 10, false: 5, missed: 1 }, champion: { all: 8, false: 2, missed: 1 } },
    }),
    /5 of its 10 alarms/,
  ],
  ['a dead output', challenge({}, {}, { chlorophyll: [2] }), /chlorophyll has dead outputs: 2/],
  ['too few values', challenge({ samples: 499 }), /too few data: .* 499 values/],
  ['too few weeks', challenge({ weeks: 3 }), /in 3 weeks/],
];
for (const [what, given, reason] of refusals)
  test(`refused: ${what}`, (t) => {
    const { promote, reasons } = judge(given);
    t.false(promote);
    t.is(reasons.length, 1, reasons.join());
    t.regex(reasons[0]!, reason);
  });

test('every reason against it is told, and without a champion the baselines are the measure', (t) => {
  const none = { overChampion: undefined, alarms: { challenger: { all: 3, false: 1, missed: 1 } } };
  t.true(judge(challenge(none, none)).promote);
  const { reasons } = judge(challenge({ coverage: 0.5, samples: 3 }, {}, { salinity: [0, 1] }));
  t.is(reasons.length, 3);
});

test('a loss of two per cent on the older hold-out, and a champion that never warns, are no obstacle', (t) => {
  t.true(judge(challenge({}, { overChampion: { value: -0.02, low: -0.1, high: 0.1 } })).promote);
  const alarms = { challenger: { all: 9, false: 4, missed: 1 }, champion: { all: 0, false: 0, missed: 1 } };
  t.true(judge(challenge({ alarms })).promote);
});
