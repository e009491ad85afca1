import { type Language, languages, type Word, word } from './words.ts';

export interface Settings {
  readonly language: Language;
  readonly zone: 'utc' | 'local';
  readonly theme: 'auto' | 'light' | 'dark';
}

const place = 'redtide';

const first: Settings = {
  language: navigator.language.startsWith('zh') ? 'zh' : 'en',
  zone: 'utc',
  theme: 'auto',
};

let settings: Settings = { ...first, ...read() };

function read(): Partial<Settings> {
  try {
    const { language, zone, theme } = JSON.parse(localStorage.getItem(place) ?? '{}') as Partial<Settings>;
    return {
      ...(languages.includes(language as Language) && { language: language! }),
      ...((zone === 'utc' || zone === 'local') && { zone }),
      ...((theme === 'light' || theme === 'dark') && { theme }),
    };
  } catch {
    return {};
  }
}

export const current = (): Settings => settings;

export function choose(change: Partial<Settings>): void {
  settings = { ...settings, ...change };
  try {
    localStorage.setItem(place, JSON.stringify(settings));
  } catch {
    // A browser that stores nothing has the choice until it is closed.
  }
}

export const say = (name: Word): string => word(settings.language, name);

/** `2026-05-01 14:20`, in the time that the reader has chosen. */
export function instant(time: number): string {
  const date = new Date(time);
  const local = new Date(time - date.getTimezoneOffset() * 60_000);
  const shown = settings.zone === 'utc' ? date : local;
  const text = shown.toISOString().slice(0, 16).replace('T', ' ');
  return settings.zone === 'utc' ? `${text} UTC` : text;
}

export const figure = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2);

export const whole = (count: number): string => count.toLocaleString('en-US').replaceAll(',', '\u202f');
