import type { AlertMode, AlertState, Cause, Evidence, Severity } from './alert.ts';
import type { Area } from './area.ts';
import type { TrackRecord } from './track-record.ts';

/** What a message knows, before it is put in words. */
export interface AlertFacts {
  readonly version: 1;
  /** The same for every repeat of this message, and for no other. */
  readonly id: string;
  /** The same for all messages of this alert. */
  readonly alert: string;
  /** Rising within the alert; numbers are missing where nobody was told. */
  readonly sequence: number;
  readonly mode: AlertMode;
  readonly state: AlertState;
  readonly previous: AlertState;
  readonly cause: Cause;
  readonly severity: Severity;
  /** Of a command. */
  readonly author?: string | undefined;
  readonly note?: string | undefined;
  /** Why this contact is told, where it is not the first one. */
  readonly because?: string | undefined;
  readonly where: Place;
  readonly what: {
    readonly rule: string;
    readonly hazard?: string | undefined;
    /** What the rule warns of, in the words of the rules file. */
    readonly text: string;
    readonly reason: string;
    /** The level that ends the alert. */
    readonly clear?: number | undefined;
    readonly provenance?: string | undefined;
    /** What the rule asks people to do at this severity. */
    readonly action?: string | undefined;
  };
  /** `lead`: ms from the message to what is forecast, 0 where it was measured. */
  readonly when: { readonly onset: string; readonly changed: string; readonly lead: number };
  /** What decided. */
  readonly evidence: EvidenceFacts;
  /** What else was seen. */
  readonly more: readonly EvidenceFacts[];
  /** How the model has been doing at this station; absent where nothing could be compared. */
  readonly record?: TrackRecord | undefined;
}

export interface EvidenceFacts extends Omit<Evidence, 'time' | 'issuedAt'> {
  readonly title?: string | undefined;
  /** Of the sensor, m below the surface, where it is known. */
  readonly depth?: number | undefined;
  readonly unit?: string | undefined;
  /** Start of the step that was measured, or that is forecast. */
  readonly time: string;
  readonly issuedAt?: string | undefined;
}

export interface Place {
  readonly area: Pick<Area, 'id' | 'name' | 'polygon' | 'circle'>;
  /** The station whose evidence decided. */
  readonly station: string;
  readonly name?: string | undefined;
  /** Degrees north. */
  readonly latitude?: number | undefined;
  /** Degrees east. */
  readonly longitude?: number | undefined;
  /** All that are involved. */
  readonly stations: readonly string[];
}

/** One section of a message, `How sure`, say. */
export interface Section {
  readonly title: string;
  readonly text: string;
}

export interface AlertText {
  /** RFC 3066 tag. */
  readonly language: string;
  readonly headline: string;
  readonly sections: readonly Section[];
  readonly toDo: string;
}

/** How one language says it. */
export interface Phrases {
  /** With the mark of an exercise or a test. */
  headline(facts: AlertFacts): string;
  what(facts: AlertFacts): string;
  howSure(facts: AlertFacts): string;
  when(facts: AlertFacts): string;
  evidence(facts: AlertFacts): string;
  model(facts: AlertFacts): string;
  toDo(facts: AlertFacts): string;
  notKnown(facts: AlertFacts): readonly string[];
  readonly titles: Readonly<
    Record<
      'where' | 'what' | 'howSure' | 'when' | 'evidence' | 'model' | 'toDo' | 'notKnown' | 'because',
      string
    >
  >;
  where(facts: AlertFacts): string;
  /** Between sentences that are set side by side. */
  readonly space: string;
}

/** Every message says where, what, how sure, when, on what evidence, which model, what to do, and what is not known. */
export function textIn(phrases: Phrases, language: string, facts: AlertFacts): AlertText {
  const section = (name: keyof Phrases['titles'], text: string): Section => ({
    title: phrases.titles[name],
    text,
  });
  const sections = [
    ...(facts.because ? [section('because', facts.because)] : []),
    section('where', phrases.where(facts)),
    section('what', phrases.what(facts)),
    section('howSure', phrases.howSure(facts)),
    section('when', phrases.when(facts)),
    section('evidence', phrases.evidence(facts)),
    section('model', phrases.model(facts)),
    section('toDo', phrases.toDo(facts)),
    section('notKnown', phrases.notKnown(facts).join(phrases.space)),
  ];
  return { language, headline: phrases.headline(facts), sections, toDo: phrases.toDo(facts) };
}
