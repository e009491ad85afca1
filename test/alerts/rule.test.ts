import test from 'ava';
import { appliesTo, ruleFaults } from '../../src/alerts/rule.ts';
import { exampleRules } from '../../src/commands/shore.ts';
import { loadRules } from '../../src/config/load.ts';
import { ruleWith } from './evidence.ts';

test('a clearing level on the wrong side is refused with both values', (t) => {
  t.deepEqual(ruleFaults([ruleWith({ level: 20, clear: 25 })]), [
    'rule bloom: clear 25 is on the wrong side of level 20: for direction above it must be at or below the level',
  ]);
  t.deepEqual(ruleFaults([ruleWith({ direction: 'below', level: 4, clear: 3 })]), [
    'rule bloom: clear 3 is on the wrong side of level 4: for direction below it must be at or above the level',
  ]);
  t.deepEqual(ruleFaults([ruleWith({ level: 20, clear: 20 })]), []);
});

test('each other fault is named with its value', (t) => {
  const faults = ruleFaults([
    ruleWith({ id: 'a', level: Number.NaN }),
    ruleWith({ id: 'b', for: -1 }),
    ruleWith({ id: 'c', stations: [] }),
    ruleWith({ id: 'd' }),
    ruleWith({ id: 'd' }),
  ]);
  t.deepEqual(faults, [
    'rule a: level NaN and clear 15 must both be finite numbers',
    'rule b: for -1 must be 0 ms or more',
    "rule c: stations [] names none; name some, or write '*' for all",
    'rule d: the id is used twice; give each rule its own',
  ]);
});

test('a rule applies to the stations that it names, or to all', (t) => {
  t.true(appliesTo(ruleWith(), 'buoy-9'));
  t.true(appliesTo(ruleWith({ stations: ['buoy-9'] }), 'buoy-9'));
  t.false(appliesTo(ruleWith({ stations: ['buoy-1'] }), 'buoy-9'));
});

test('the example rules are sound, cite their levels and name no species', (t) => {
  const rules = loadRules(exampleRules);
  t.deepEqual(ruleFaults(rules), []);
  for (const { provenance, text } of rules) {
    t.truthy(provenance);
    t.notRegex(text, /red tide|karenia|cochlodinium|toxic/i);
  }
});
