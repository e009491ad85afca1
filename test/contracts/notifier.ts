import type { ExecutionContext, TestFn } from 'ava';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import type { Notifier } from '../../src/alerts/notifier.ts';
import { transitionOf } from '../alerts/transition.ts';

/** A notifier with its far end: what arrived there, and a way to take the far end away. */
export interface NotifierSetup {
  readonly notifier: Notifier;
  /** Identifier of each message that arrived, in order. Waits until there are `count`. */
  received(count: number): Promise<readonly string[]>;
  /** From now on nothing arrives. */
  break(): Promise<void>;
}

/**
 * What every channel must do, whatever it is made of. `setUp` gives nothing where its server is not installed, after
 * it said so to the test; `identify` says how a message shows its identifier at the far end.
 */
export function testNotifierContract(
  test: TestFn,
  name: string,
  setUp: (t: ExecutionContext) => Promise<NotifierSetup | undefined>,
  identify: (transition: AlertTransition) => string,
): void {
  const withSetup = (title: string, body: (setup: NotifierSetup) => Promise<boolean>) =>
    test(`${name}: ${title}`, async (t) => {
      const setup = await setUp(t);
      if (setup) t.true(await body(setup));
    });

  withSetup('says delivered once the other side has it, in order', async ({ notifier, received }) => {
    const sent = [transitionOf(0), transitionOf(0, 'resolved'), transitionOf(5)];
    for (const transition of sent)
      if ((await notifier.send(transition)).outcome !== 'delivered') return false;
    return equal(await received(3), sent.map(identify));
  });

  withSetup('a repeat carries the same identifier, another state another', async ({ notifier, received }) => {
    for (const to of ['firing', 'firing', 'resolved'] as const) await notifier.send(transitionOf(0, to));
    const [first, repeat, other] = await received(3);
    return first === repeat && first !== other;
  });

  withSetup('asks for another try when the other side is gone, and does not throw', async (setup) => {
    await setup.break();
    const delivery = await setup.notifier.send(transitionOf(0));
    return delivery.outcome === 'retry' && delivery.reason.length > 0;
  });

  withSetup('has a name, and can be closed twice', async ({ notifier }) => {
    await notifier.close();
    await notifier.close();
    return notifier.name.length > 0;
  });
}

const equal = (a: readonly string[], b: readonly string[]) => JSON.stringify(a) === JSON.stringify(b);
