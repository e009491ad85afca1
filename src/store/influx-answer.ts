/** What an answer of InfluxDB's `/write` means for the lines that were sent. */
export type Verdict =
  | { readonly kind: 'stored' }
  /** Some lines were not stored and never will be; the others were. `dropped` is how many, where it is known. */
  | { readonly kind: 'refused'; readonly reason: string; readonly dropped: number }
  | { readonly kind: 'too-large'; readonly reason: string }
  | { readonly kind: 'no-database'; readonly reason: string }
  /** Trying again may help; `after` is the ms that the server asks for. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly after?: number | undefined };

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string | null | undefined;
}

/**
 * InfluxDB 1.x: 204 stored and synced; 400 some lines refused, the rest stored; 404 no such database; 413 the body is
 * larger than `max-body-size`. Everything else (429, 5xx, a password refused, a proxy's page) says nothing
 * about the lines: they are kept, and somebody can put it right without losing one.
 *
 * @param now wall clock, ms since the epoch; Retry-After may be a date (RFC 9110, 10.2.3).
 */
export function judge({ status, body, retryAfter }: Answer, now: number): Verdict {
  const reason = `${status}: ${errorText(body)}`;
  if (status === 204 || status === 200) return { kind: 'stored' };
  if (status === 413) return { kind: 'too-large', reason };
  if (status === 404 && /database not found/i.test(body)) return { kind: 'no-database', reason };
  if (status === 400 && /"error"/.test(body)) return { kind: 'refused', reason, dropped: droppedOf(body) };
  return { kind: 'unavailable', reason, after: waitOf(retryAfter, now) };
}

/** `{"error":"partial write: ... dropped=3"}`; 0 where lines could not be parsed, since those are not counted. */
const droppedOf = (body: string) => Number(/dropped=(\d+)/.exec(body)?.[1] ?? 0);

function errorText(body: string): string {
  try {
    const { error } = JSON.parse(body) as { readonly error?: unknown };
    if (typeof error === 'string') return error.slice(0, 500);
  } catch {
    // A proxy's page, or nothing.
  }
  return body.trim().slice(0, 200) || 'no reason given';
}

function waitOf(retryAfter: string | null | undefined, now: number): number | undefined {
  if (!retryAfter) return undefined;
  const wait = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
