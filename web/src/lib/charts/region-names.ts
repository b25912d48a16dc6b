/**
 * Names of regions, so that those in the figures meet those of the shapes: "State of Berlin" is Berlin, "Québec" is Quebec.
 * Used where the shapes are made (dev/regions.ts) and where they are drawn.
 */

const LETTERS: Record<string, string> = {
  ø: 'o',
  ł: 'l',
  ı: 'i',
  đ: 'd',
  æ: 'ae',
  ß: 'ss',
  ə: 'e',
  ð: 'd',
  œ: 'oe',
};

/** Words that say what kind of region it is, in the languages in which the data of places have them. */
const KINDS =
  /\b(and|autonomous|canton|capital|city|county|department|departamento|distrito|district|division|do|emirate|estado|free|governorate|hanseatic|island|judetul|krai|kraj|kray|land|municipality|oblast|oblisi|oblysy|of|okrug|parish|prefecture|province|provincia|region|republic|respublika|si|state|territory|the|urban|voblasc|voivodeship|wilaya)\b/g;

/** Without accents, capitals and marks. */
export const folded = (name: string): string =>
  name
    .replace(/[¹²³†]/g, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[øłıđæßəðœ]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/['’‘ʼʻ`´.]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Without the words that say what kind of region it is, too. */
export const plain = (name: string): string => {
  const whole = folded(name);
  return whole.replace(KINDS, ' ').replace(/\s+/g, ' ').trim() || whole;
};

/** The shape of a region: by its whole name, else by what is left without the words for its kind. */
export const found = <T>(shapes: Map<string, T>, name: string): T | undefined =>
  shapes.get(folded(name)) ?? shapes.get(plain(name));
