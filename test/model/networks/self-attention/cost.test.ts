import test from 'ava';
import {
  attentionCost,
  convolutionCost,
  largestExtent,
} from '../../../../src/model/networks/self-attention/cost.ts';

test('at 128 channels a 3x3 convolution costs as much as attention of extent 19, if two terms are left out', (t) => {
  t.is(convolutionCost(128, 3), 147_456);
  t.is(attentionCost(128, 19, { position: false, headGroups: 1 }), 141_568);
  t.is(largestExtent(128, 3, { position: false, headGroups: 1 }), 19);
});

test('with the product of query and position it is 15, with maps by head 23', (t) => {
  t.is(largestExtent(128, 3, { position: true, headGroups: 1 }), 15);
  t.is(attentionCost(128, 16, { position: true, headGroups: 1 }), convolutionCost(128, 3));
  t.is(largestExtent(128, 3, { position: false, headGroups: 8 }), 23);
});
