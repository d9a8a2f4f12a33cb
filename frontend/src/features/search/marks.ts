export interface Part {
  text: string;
  isMarked: boolean;
}

/** Typed in many ways, and often left out: the server's search does not look at them. */
const APOSTROPHES = /['`´ʼ’‘ʹ]/u;
/** Letters that some keyboards lack. */
const EVEN_OUT: Record<string, string> = { ґ: "г", ї: "і" };
const EXCERPT = 160;
const BEFORE_MATCH = 50;

interface Folded {
  text: string;
  /** For each unit of `text`: where in the original it came from. */
  origin: number[];
}

/** The text as the server compares it (search/words.py), with the way back. */
function fold(text: string): Folded {
  const origin: number[] = [];
  let folded = "";
  let at = 0;
  for (const character of text) {
    const plain = APOSTROPHES.test(character) ? "" : character.normalize("NFKC").toLowerCase();
    for (const unit of [...plain].map((letter) => EVEN_OUT[letter] ?? letter).join("")) {
      folded += unit;
      for (let index = 0; index < unit.length; index += 1) origin.push(at);
    }
    at += character.length;
  }
  return { text: folded, origin: [...origin, at] };
}

function findAll(text: Folded, words: readonly string[]): [number, number][] {
  const found: [number, number][] = [];
  for (const word of words) {
    for (let at = text.text.indexOf(word); at >= 0; at = text.text.indexOf(word, at + word.length)) {
      found.push([text.origin[at] ?? 0, text.origin[at + word.length] ?? 0]);
    }
  }
  return found.sort((a, b) => a[0] - b[0]);
}

/** Starts at a word not far before the first match, so that the match is seen. */
function startOfExcerpt(text: string, first: number): number {
  if (text.length <= EXCERPT || first <= BEFORE_MATCH) return 0;
  const space = text.indexOf(" ", first - BEFORE_MATCH);
  return space < 0 || space >= first ? first : space + 1;
}

/** A piece of the text around the first of the words, cut into what matches and what does not. */
export function excerpt(text: string, query: string): Part[] {
  const words = fold(query).text.split(/\s+/).filter(Boolean);
  const matches = findAll(fold(text), words);
  const start = startOfExcerpt(text, matches[0]?.[0] ?? 0);
  const end = Math.min(text.length, start + EXCERPT);
  const parts: Part[] = [];
  let at = start;
  for (const [from, to] of matches) {
    if (to <= at || from >= end) continue;
    if (from > at) parts.push({ text: text.slice(at, from), isMarked: false });
    parts.push({ text: text.slice(Math.max(at, from), Math.min(to, end)), isMarked: true });
    at = Math.min(to, end);
  }
  if (at < end) parts.push({ text: text.slice(at, end), isMarked: false });
  if (start > 0) parts.unshift({ text: "…", isMarked: false });
  if (end < text.length) parts.push({ text: "…", isMarked: false });
  return parts;
}
