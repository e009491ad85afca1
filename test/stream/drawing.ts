import type { ExecutionContext } from 'ava';
import type { Observable, OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** One drawing: what goes in, what comes out, letter by letter; what comes out is drawn under what goes in. */
export interface Drawing<A, B> {
  readonly operator: OperatorFunction<A, B>;
  readonly input: string;
  readonly output: string;
  readonly events: Readonly<Record<string, A | B>>;
}

export function draw<A, B>(t: ExecutionContext, { operator, input, output, events }: Drawing<A, B>): void {
  const scheduler = new TestScheduler((actual, expected) => t.deepEqual(actual, expected));
  scheduler.run(({ cold, expectObservable }) => {
    const source = cold(input, events as Record<string, A>) as Observable<A>;
    expectObservable(source.pipe(operator)).toBe(output, events as Record<string, B>);
  });
}
