import type { Dimension, Measure } from './api/types';
import { language } from './i18n';

/** What a measure counts, and by which arithmetic, in words. `of` is the hash of the English text it was made from. */
interface Words {
  of: string;
  definition: string;
  formula?: string;
  example?: string;
}
interface Definitions {
  measures: Partial<Record<string, Words>>;
  dimensions: Partial<Record<string, Words>>;
}
/** What is shown of one. `lang`: only of English words among another language's. */
export interface Told {
  definition: string;
  formula: string;
  example: string;
  lang?: 'en';
}

const FILES: Partial<Record<string, () => Promise<{ default: Definitions }>>> = {
  de: () => import('./labels/definitions/de.json'),
  fr: () => import('./labels/definitions/fr.json'),
  es: () => import('./labels/definitions/es.json'),
  ja: () => import('./labels/definitions/ja.json'),
  ar: () => import('./labels/definitions/ar.json'),
};
const NONE: Definitions = { measures: {}, dimensions: {} };

/** The definitions in the reader's language, read when the first one is opened: long, and rarely asked for. */
let own = $state.raw<Definitions | null>(FILES[language] ? null : NONE);
let asked = false;

function read(): Definitions | null {
  if (!own && !asked) {
    asked = true;
    FILES[language]?.().then(
      (file) => (own = file.default),
      // Then they are told in the server's English.
      () => (own = NONE),
    );
  }
  return own;
}

/** A formula of one word is the count itself, which the definition has said. */
const formula = (text = '') => (/^\w+$/.test(text) ? '' : text);

function tell(kind: keyof Definitions, of: Measure | Dimension): Told | null {
  const file = read();
  if (!file) return null;
  const words = file[kind][of.id];
  if (words)
    return { definition: words.definition, formula: words.formula ?? '', example: words.example ?? '' };
  const english: Partial<Measure> = of;
  return {
    definition: english.definition ?? '',
    formula: formula(english.formula),
    example: english.example ?? '',
    ...(language === 'en' ? {} : { lang: 'en' }),
  };
}

/** What a measure counts; null until it is read. A measure of a newer server is told in English. */
export const ofMeasure = (measure: Measure): Told | null => tell('measures', measure);
export const ofDimension = (dimension: Dimension): Told | null => tell('dimensions', dimension);
