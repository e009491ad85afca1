import type { TimeFormat } from './observation-time.ts';

/** How the payloads of a topic are read. The first format whose topic matches decides. */
export type Format =
  /** The documented JSON, docs/payload.md. */
  | { readonly topic: string; readonly payload: 'native' }
  /** Whether the gateway or station that the topic names is connected: a word, or JSON that has it. */
  | { readonly topic: string; readonly payload: 'presence' }
  /** Any gateway's JSON; pointers are RFC 6901. */
  | { readonly topic: string; readonly payload: 'mapped'; readonly mapping: JsonMapping }
  /** Rows of delimited text, one or many in a payload, without a header; names stand for columns. */
  | { readonly topic: string; readonly payload: 'csv'; readonly mapping: CsvMapping };

/** Where a value stands: a pointer (JSON) or a column's name (CSV). */
export interface ValuePlace {
  readonly at: string;
  /** The unit of the payload; without one it is the sensor's own, or that of the table of variables. */
  readonly unit?: string | undefined;
  readonly sensor?: string | undefined;
}

type Places = Readonly<Record<string, string | ValuePlace | readonly ValuePlace[]>>;

export interface Mapping {
  /** Where the station's name stands, within a record or else at the top; without it, `{station}` of the topic. */
  readonly station?: string | undefined;
  readonly time: string;
  readonly timeFormat?: TimeFormat | undefined;
  /** Times without a zone are UTC. Without this they are refused. */
  readonly assumeUtc?: boolean | undefined;
  /** By variable. */
  readonly values: Places;
  /** Where the gateway's own number of the record stands, and the name of its counter where it has several. */
  readonly sequence?: string | undefined;
  readonly stream?: string | undefined;
  /** What stands for "no value". Neither a reading nor a rejection comes of it. */
  readonly missing?: readonly (string | number)[] | undefined;
}

export interface JsonMapping extends Mapping {
  /** Pointer to an array of records, against which the other pointers are resolved. */
  readonly records?: string | undefined;
}

export interface CsvMapping extends Mapping {
  /** The columns' names, in order. */
  readonly columns: readonly string[];
  /** The station of every row, where no column and no topic names it. */
  readonly constantStation?: string | undefined;
  readonly delimiter?: string | undefined;
}

export const defaultMissing: readonly (string | number)[] = ['', 'NaN', 'MM'];

/** The places of a mapping as a flat list. */
export function valuePlaces(places: Places): (ValuePlace & { readonly variable: string })[] {
  return Object.entries(places).flatMap(([variable, place]) => {
    const list = typeof place === 'string' ? [{ at: place }] : Array.isArray(place) ? place : [place];
    return list.map((one: ValuePlace) => ({ ...one, variable }));
  });
}
