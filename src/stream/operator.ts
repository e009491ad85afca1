import { Observable, type OperatorFunction } from 'rxjs';

/**
 * An operator without scheduler: `start` is called on subscribe, makes the state, and answers with what takes each
 * event. What `take` throws becomes the error of the stream.
 */
export function operator<A, B>(
  start: (emit: (event: B) => void) => (event: A) => void,
): OperatorFunction<A, B> {
  return (source) =>
    new Observable<B>((subscriber) => {
      const take = start((event) => subscriber.next(event));
      return source.subscribe({
        next: (event) => {
          try {
            take(event);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
