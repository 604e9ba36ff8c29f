// Writes locales/countries.json: the names of every ISO 3166-1 country in every shipped language,
// as CLDR has them in Node.js's ICU, each list in its language's own order.
import fs from "node:fs";

const LANGUAGES = ["en", "de", "fr", "es", "ar"];
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
// Codes that CLDR names but ISO 3166-1 has not assigned.
const NOT_ASSIGNED = new Set(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"]);
const english = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
const codes = [...LETTERS].flatMap((a) => [...LETTERS].map((b) => a + b)).filter((code) => {
  // Old codes are names of what came after them, such as BU of MM.
  const canonical = new Intl.Locale(`und-${code}`).region;
  return !NOT_ASSIGNED.has(code) && canonical === code && english.of(code);
});
const all = Object.fromEntries(
  LANGUAGES.map((lang) => {
    const names = new Intl.DisplayNames(lang, { type: "region" });
    const order = new Intl.Collator(lang);
    const pairs = codes.map((code) => [code, names.of(code)]);
    return [lang, pairs.sort((a, b) => order.compare(a[1], b[1]))];
  }),
);
const lines = Object.entries(all).map(([lang, pairs]) => `  ${JSON.stringify(lang)}: ${JSON.stringify(pairs)}`);
fs.writeFileSync(new URL("../locales/countries.json", import.meta.url), `{\n${lines.join(",\n")}\n}\n`);
console.log(`${codes.length} countries in ${LANGUAGES.length} languages`);
