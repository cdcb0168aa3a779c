/** Texts in the languages that there are. Which one a person gets is decided here and nowhere else. */
import { IntlMessageFormat } from 'intl-messageformat';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { zh } from './zh.ts';

export const languages = ['en', 'de', 'es', 'zh'] as const;
export type Language = (typeof languages)[number];

export type MessageKey = keyof typeof en;
export type Catalogue = Readonly<Record<MessageKey, string>>;

/** What a message is filled with. */
export type Values = Readonly<Record<string, string | number | boolean>>;

export const catalogues: Readonly<Record<Language, Catalogue>> = { en, de, es, zh };

/** Whether the catalogues have it: for keys that are put together. */
export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}

/** What one person reads. */
export interface Words {
  readonly language: Language;
  say(key: MessageKey, values?: Values): string;
  /** "a, b and c". */
  list(items: readonly string[]): string;
  /** "2 minutes"; rounded up, so that nobody comes back too early. @param ms 0 and up. */
  duration(ms: number): string;
  /** "21 Nov 2026, 12:34 UTC". @param at Unix ms. */
  moment(at: number): string;
}

/** Reads the catalogues; each message is parsed when it is first said. */
export function openLanguages(): (language: Language) => Words {
  const opened = new Map(languages.map((language) => [language, wordsOf(language)]));
  return (language) => opened.get(language) ?? wordsOf(language);
}

/** The first that is spoken here, of the person's own wish, the community's, the platform's word for the person. */
export function chooseLanguage(...wishes: readonly (string | undefined)[]): Language {
  for (const wish of wishes) {
    const known = wish === undefined ? undefined : languageOf(wish);
    if (known !== undefined) return known;
  }
  return 'en';
}

/** @param locale as platforms name it: `de`, `es-419`, `zh-Hans`. */
export function languageOf(locale: string): Language | undefined {
  const [primary] = locale.toLowerCase().split(/[-_]/);
  return languages.find((language) => language === primary);
}

/** Nobody's own time zone is known, so every time says which one it is in. */
const formatsInUtc = {
  date: { medium: { month: 'short', day: 'numeric', year: 'numeric', timeZone: 'UTC' } },
  time: { short: { hour: 'numeric', minute: 'numeric', timeZone: 'UTC', timeZoneName: 'short' } },
} as const;

function wordsOf(language: Language): Words {
  const formats = new Map<MessageKey, IntlMessageFormat>();
  const moments = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  const conjunction = new Intl.ListFormat(language, { type: 'conjunction' });
  const formatOf = (key: MessageKey): IntlMessageFormat => {
    const known = formats.get(key);
    if (known !== undefined) return known;
    const format = new IntlMessageFormat(catalogues[language][key], language, formatsInUtc, { ignoreTag: true });
    formats.set(key, format);
    return format;
  };
  return {
    language,
    say: (key, values = {}) => String(formatOf(key).format(values)),
    list: (items) => conjunction.format(items),
    duration: (ms) => durationIn(language, ms),
    moment: (at) => `${moments.format(at)} UTC`,
  };
}

function durationIn(language: Language, ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const minutes = Math.ceil(seconds / 60);
  const hours = Math.ceil(minutes / 60);
  if (seconds < 90) return inUnit(language, 'second', seconds);
  if (minutes < 90) return inUnit(language, 'minute', minutes);
  return hours < 72 ? inUnit(language, 'hour', hours) : inUnit(language, 'day', Math.ceil(hours / 24));
}

function inUnit(language: Language, unit: 'second' | 'minute' | 'hour' | 'day', amount: number): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}
