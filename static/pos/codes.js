/* The rule of core/article_codes.py, for a tablet without network: the page has the canonical forms of its pieces, and
 * here only what was scanned is made canonical. tests/pos/article_codes.json holds both to the same answers. */

const SEPARATOR = "\x1d"; // what a scanner sends for FNC1
const FIXED = { "00": 18, "01": 14, "02": 14, 20: 2, 11: 6, 12: 6, 13: 6, 15: 6, 16: 6, 17: 6 };
const GS1 = ["]C1", "]e0", "]d2", "]Q3"];

export function canonical(code) {
  const { text, isGs1 } = cleaned(code);
  const found = element(text, isGs1) || text.replaceAll(SEPARATOR, "");
  return /^\d{8,14}$/.test(found) ? found.padStart(14, "0") : found;
}

function cleaned(code) {
  let text = [...code.normalize("NFKC")].map(plain).join("");
  const symbology = text.match(/^\][A-Za-z][0-9A-Za-z]/)?.[0] ?? "";
  text = text.slice(symbology.length);
  const isGs1 = text.startsWith(SEPARATOR) || GS1.includes(symbology);
  return { text: text.replace(/^\x1d+/, ""), isGs1 }; // eslint-disable-line no-control-regex
}

function plain(one) {
  if (/\p{Nd}/u.test(one)) return String(decimal(one.codePointAt(0)));
  return /[\p{C}\p{Z}]/u.test(one) && one !== SEPARATOR ? "" : one;
}

/* Digits stand in tens, from nought to nine. */
function decimal(point) {
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(point - before - 1))) before += 1;
  return before % 10;
}

function element(text, isGs1) {
  const named = text.match(/^https?:\/\/\S+?\/01\/(\d{8,14})(?:[/?#]|$)/i) ?? text.match(/\(01\)(\d{14})/);
  if (named) return named[1];
  if (!isGs1 && !(/^01\d{14}/.test(text) && isChecked(text.slice(2, 16)))) return "";
  for (let rest of text.split(SEPARATOR)) {
    while (rest.slice(0, 2) in FIXED) {
      const end = 2 + FIXED[rest.slice(0, 2)];
      const value = rest.slice(2, end);
      if (rest.startsWith("01") && /^\d{14}$/.test(value)) return value;
      rest = rest.slice(end);
    }
  }
  return "";
}

function isChecked(gtin) {
  const total = [...gtin.slice(0, -1)].reduce((sum, digit, place) => sum + digit * (place % 2 ? 1 : 3), 0);
  return (10 - (total % 10)) % 10 === Number(gtin.at(-1));
}
