import url from "./emoji.json?url";

/** One emoji, its group, and what it is found by: names first, in English and in Ukrainian. */
type Row = [emoji: string, group: number, english: string, ukrainian: string];

export interface Emoji {
  emoji: string;
  group: number;
  names: { en: string; uk: string };
  /** All words, as they are compared. */
  words: string[];
}

const fold = (text: string) => text.toLowerCase().replaceAll(/[’ʼ`]/g, "'");
const nameIn = (words: string) => words.split("|", 1)[0] ?? "";

export function readRows(rows: readonly Row[]): Emoji[] {
  return rows.map(([emoji, group, english, ukrainian]) => ({
    emoji,
    group,
    names: { en: nameIn(english), uk: nameIn(ukrainian) },
    words: fold(`${english}|${ukrainian}`).split(/[\s|:,]+/),
  }));
}

let loading: Promise<Emoji[]> | null = null;

/** A file of this server, read once and only when somebody looks for an emoji. */
export function loadEmoji(): Promise<Emoji[]> {
  loading ??= fetch(url)
    .then((answer) => (answer.ok ? (answer.json() as Promise<Row[]>) : Promise.reject(new Error(String(answer.status)))))
    .then(readRows)
    .catch((error: unknown) => {
      loading = null;
      throw error;
    });
  return loading;
}

/** How well a word of the search fits: 0 exactly, 1 as a beginning, null not at all. */
function fit(words: readonly string[], wanted: string): number | null {
  let best: number | null = null;
  for (const word of words) {
    if (word === wanted) return 0;
    if (word.startsWith(wanted)) best = 1;
  }
  return best;
}

/** What an emoji is called says more than what else it is found by. */
function nameFit({ names }: Emoji, wanted: string): number {
  const known = [fold(names.en), fold(names.uk)];
  if (known.includes(wanted)) return -1;
  return known.some((name) => name.startsWith(wanted)) ? 0 : 1;
}

/** All that have each of the words, in either language; the best fitting first. An emoji finds itself. */
export function searchEmoji(all: readonly Emoji[], query: string): Emoji[] {
  const wanted = fold(query).split(/\s+/).filter(Boolean);
  const found: { entry: Emoji; score: number }[] = [];
  for (const entry of all) {
    if (entry.emoji === query.trim()) return [entry];
    const fits = wanted.map((word) => fit(entry.words, word));
    if (fits.every((score) => score !== null)) {
      const score = fits.reduce<number>((sum, each) => sum + (each ?? 0), nameFit(entry, wanted.join(" ")));
      found.push({ entry, score });
    }
  }
  return found.sort((a, b) => a.score - b.score).map(({ entry }) => entry);
}
