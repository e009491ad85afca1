import test from 'ava';
import { modelNotes } from '../../src/dashboard/model-notes.ts';
import { exampleStatus } from './example-status.ts';

test('a version that was refused, or is on its way, is told of', (t) => {
  t.deepEqual(modelNotes(exampleStatus()), []);
  const notes = modelNotes({
    ...exampleStatus(),
    modelRefused: { id: 'aaaaaaaaaaaa', reason: 'no number', time: 1 },
    delivery: {
      state: 'fetching',
      id: 'bbbbbbbbbbbb',
      received: 2,
      of: 7,
      last: { id: 'cccccccccccc', outcome: 'refused', reason: 'is not signed', time: 1 },
      problem: 'connection lost',
    },
  });
  t.deepEqual(notes, [
    'aaaaaaaaaaaa was refused: no number',
    'bbbbbbbbbbbb is being fetched, 2 of 7 pieces',
    'cccccccccccc from the broker was refused: is not signed',
    "versions can't be fetched: connection lost",
  ]);
});

test('first comes what the version in service says of itself', (t) => {
  const about = [
    'chlorophyll by ridge',
    'a contest put it in the place of none: there is no champion to compare with',
  ];
  const modelRefused = { id: 'aaaaaaaaaaaa', reason: 'no number', time: 1 };
  const notes = modelNotes({ ...exampleStatus(), model: { id: 'b', backend: 'none', about }, modelRefused });
  t.deepEqual(notes, [...about, 'aaaaaaaaaaaa was refused: no number']);
});
