// Writes src/components/emoji/emoji.json from emojibase-data (MIT, ~50 MB, so it is no dependency of this project):
//   npm pack emojibase-data && tar xzf emojibase-data-*.tgz && node scripts/emoji.mjs package
// One line per emoji: [emoji, group, English words, Ukrainian words]; the first words are its name.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Newer ones are empty boxes on systems that are a few years old. */
const NEWEST_VERSION = 15;
const COMPONENTS = 2;
const folder = process.argv[2];
const read = (language) => JSON.parse(readFileSync(join(folder, language, "data.json"), "utf8"));

const ukrainian = new Map(read("uk").map((entry) => [entry.hexcode, entry]));

/** Name first, then what else it is found by; a word that is already there says nothing new. */
function wordsOf({ label, tags = [] }) {
  const known = label.toLowerCase();
  const others = [...new Set(tags.map((tag) => tag.toLowerCase()))].filter((tag) => !known.includes(tag));
  return [label, ...others].join("|");
}

/** As keyboards write it: the selector "show as a picture" only where the character is not a picture by itself. */
const bare = (emoji) => emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, "$1");

const rows = read("en")
  .filter(({ group, version }) => group !== undefined && group !== COMPONENTS && version <= NEWEST_VERSION)
  .sort((a, b) => a.order - b.order)
  .map((entry) => [bare(entry.emoji), entry.group, wordsOf(entry), wordsOf(ukrainian.get(entry.hexcode) ?? { label: "" })]);

const target = new URL("../src/components/emoji/emoji.json", import.meta.url);
writeFileSync(target, `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`);
process.stdout.write(`${rows.length} emoji\n`);
