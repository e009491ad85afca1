import test from 'ava';
import { distance } from '../../../../src/model/space/place.ts';
import { arcsOf, laggedCorrelation } from '../../../../src/model/training/space/edges.ts';
import { fieldOf } from '../../../../src/model/training/space/field.ts';
import { leader, strangers } from './records.ts';

const nodes = ['A', 'B', 'C'];
const led = fieldOf(leader(400, 3), 'chlorophyll', nodes);
const from = ({ first, from }: ReturnType<typeof arcsOf>, n: number) => from.slice(first[n], first[n + 1]);
const none = [undefined, undefined, undefined];

test('a great-circle distance: a quarter of the meridian, and one degree of the equator', (t) => {
  const at = (latitude: number, longitude: number) => ({ latitude, longitude });
  t.is(Math.round(distance(at(0, 0), at(90, 0))), 10_008);
  t.is(distance(at(0, 179.5), at(0, -179.5)).toFixed(1), '111.2');
});

test('correlation of changes finds who leads, in its direction, and nobody among strangers', (t) => {
  t.true(laggedCorrelation(led, 0, 1, 12) > 0.8);
  t.is(laggedCorrelation(led, 0, 1, 2), Number.NEGATIVE_INFINITY, 'it leads by three steps');
  const arcs = arcsOf(led, { neighbours: 2, places: none, reach: 12 });
  t.is(arcs.by, 'correlation');
  t.deepEqual(from(arcs, 1), [0]);
  t.deepEqual(from(arcs, 0), []);
  const apart = fieldOf(strangers(400), 'chlorophyll', nodes);
  t.deepEqual(arcsOf(apart, { neighbours: 2, places: none, reach: 12 }).from, []);
});

test('by distance the nearest are heard; one without a place hears nobody; none is none', (t) => {
  const places = [0, 1, 5].map((longitude) => ({ latitude: 0, longitude }));
  const arcs = arcsOf(led, { neighbours: 1, places, reach: 12 });
  t.is(arcs.by, 'distance');
  t.deepEqual(
    [0, 1, 2].map((n) => from(arcs, n)),
    [[1], [0], [1]],
  );
  const some = [places[0], undefined, places[2]];
  const partly = arcsOf(led, { edges: 'distance', neighbours: 2, places: some, reach: 12 });
  t.deepEqual(
    [0, 1, 2].map((n) => from(partly, n)),
    [[2], [], [0]],
  );
  t.deepEqual(arcsOf(led, { edges: 'none', neighbours: 2, places, reach: 12 }).from, []);
  t.throws(() => arcsOf(led, { edges: 'distance', neighbours: 2, places: none, reach: 12 }), {
    message: /places of two stations/,
  });
});
