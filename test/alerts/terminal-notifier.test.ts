import test from 'ava';
import { composeWith } from '../../src/alerts/message.ts';
import { createTerminalNotifier, lineOf } from '../../src/alerts/terminal-notifier.ts';
import { testNotifierContract } from '../contracts/notifier.ts';
import { ruleWith } from './evidence.ts';
import { transitionOf } from './transition.ts';

const compose = composeWith({
  rules: [ruleWith({ on: 'forecast', text: 'Bloom conditions are forecast' })],
  stations: [{ id: 'buoy-1', name: 'Harbour mouth' }],
});

async function setUp() {
  const lines: string[] = [];
  let broken = false;
  const stream = {
    write(text: string, done: (error?: Error) => void) {
      if (broken) return done(new Error('write EPIPE'));
      lines.push(text);
      done();
    },
  };
  return {
    notifier: createTerminalNotifier({ stream, compose }),
    received: async () => lines,
    break: async () => void (broken = true),
  };
}

testNotifierContract(test, 'terminal', setUp, (transition) => `${lineOf(compose(transition), false)}\n`);

test('one clear line: when, what, where, why, by which model', (t) => {
  t.is(
    lineOf(compose(transitionOf(0)), false),
    '2026-03-01T00:00Z FIRING moderate: Bloom conditions are forecast at Harbour mouth (buoy-1): ' +
      'forecast 24.1 ug/L within 3 h is above 20 ug/L [model lstm-7f3a]',
  );
  t.regex(
    lineOf(compose(transitionOf(0, 'resolved')), false),
    /^2026-03-01T01:00Z RESOLVED moderate: Over at Harbour mouth/,
  );
});

test('colour only where a person looks on', async (t) => {
  const written: string[] = [];
  for (const isTTY of [true, false]) {
    const write = (text: string, done: () => void) => {
      written.push(text);
      done();
    };
    const stream = { isTTY, write };
    await createTerminalNotifier({ stream, compose }).send(transitionOf(0));
  }
  t.true(written[0]!.includes('\u001b[33mFIRING'));
  t.false(written[1]!.includes('\u001b'));
});

test('a text from the configuration can neither break the line nor drive the terminal', (t) => {
  const hostile = composeWith({ rules: [ruleWith({ text: 'Bloom\n\u001b[2Jconditions' })] });
  t.true(lineOf(hostile(transitionOf(0)), false).includes(': Bloom [2Jconditions at buoy-1: '));
});
