import { splitLinks } from "./links";

export type MarkKind = "bold" | "italic" | "strike";

/** What a message consists of. Every character of the source is in exactly one of the fields, markers included. */
export type Piece =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; href: string }
  | { kind: "code"; text: string }
  | { kind: "block"; open: string; text: string; close: string }
  | { kind: MarkKind; children: Piece[] };

export const MARKERS: Record<MarkKind, string> = { bold: "**", italic: "_", strike: "~~" };

const FENCE = "```";
const KINDS: Partial<Record<string, MarkKind>> = { "**": "bold", _: "italic", "~~": "strike" };
const RUN = /\*+|_+|~+|\n\s*\n/g;
const WORD = /[\p{L}\p{N}]/u;

interface Opener {
  kind: MarkKind;
  /** Where its marker stands among the pieces. */
  at: number;
}

/**
 * Turns `**bold**`, `_italic_`, `~~struck~~`, `` `code` ``, fenced blocks and addresses into pieces. One pass, no
 * backtracking: each marker looks at its neighbours and at no more than three open ones. What is not closed stays text.
 */
export function parseMarkup(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf(FENCE, at);
    const close = open < 0 ? -1 : text.indexOf(FENCE, open + FENCE.length);
    if (close < 0) break;
    const block = blockBetween(text, open, close);
    // An empty block is nothing to show: its fences are text.
    if (block) pieces.push(...parseInline(text.slice(at, open)), block);
    else pieces.push(...parseInline(text.slice(at, close + FENCE.length)));
    at = block?.kind === "block" ? open + block.open.length + block.text.length + block.close.length : close + FENCE.length;
  }
  pieces.push(...parseInline(text.slice(at)));
  return joinTexts(pieces);
}

/** The line breaks next to the fences belong to them; so does a word right after the first, which names the language. */
function blockBetween(text: string, open: number, close: number): Piece | null {
  const inside = text.slice(open + FENCE.length, close);
  const head = /^[\w+#.-]{0,20}\n/.exec(inside)?.[0] ?? "";
  const body = inside.slice(head.length);
  const tail = body.endsWith("\n") ? "\n" : "";
  const code = body.slice(0, body.length - tail.length);
  if (code.trim() === "") return null;
  const after = text[close + FENCE.length] === "\n" ? "\n" : "";
  return { kind: "block", open: FENCE + head, text: code, close: tail + FENCE + after };
}

function parseInline(text: string): Piece[] {
  const marked = new Marked();
  let at = 0;
  for (let open = text.indexOf("`"); open >= 0; ) {
    const close = text.indexOf("`", open + 1);
    if (close < 0) break;
    const code = text.slice(open + 1, close);
    if (code.trim() === "" || code.includes("\n")) {
      open = close;
      continue;
    }
    marked.addLinked(text, at, open);
    marked.add({ kind: "code", text: code });
    at = close + 1;
    open = text.indexOf("`", at);
  }
  marked.addLinked(text, at, text.length);
  return marked.pieces;
}

/** Pieces of one stretch of text, with the markers that may still be closed. */
class Marked {
  readonly pieces: Piece[] = [];
  private openers: Opener[] = [];

  add(piece: Piece): void {
    this.pieces.push(piece);
  }

  addLinked(source: string, from: number, to: number): void {
    let at = from;
    for (const part of splitLinks(source.slice(from, to))) {
      // Markers that were opened before an address are closed after it, although an address could end with them.
      const extra = part.href === null ? 0 : this.closersAt(part.text);
      const end = at + part.text.length;
      if (part.href === null) this.addText(source, at, end);
      else {
        this.add({ kind: "link", text: part.text.slice(0, part.text.length - extra), href: part.href.slice(0, part.href.length - extra) });
        this.addText(source, end - extra, end);
      }
      at = end;
    }
  }

  private closersAt(address: string): number {
    const end = /[*_~]+$/.exec(address)?.[0] ?? "";
    const runs = [...end.matchAll(RUN)];
    const first = runs.find(([run]) => this.openers.some(({ kind }) => kind === KINDS[run]));
    const extra = first ? end.length - first.index : 0;
    return URL.canParse(address.slice(0, address.length - extra)) ? extra : 0;
  }

  private addText(source: string, from: number, to: number): void {
    let at = from;
    for (const match of source.slice(from, to).matchAll(RUN)) {
      const start = from + match.index;
      this.add({ kind: "text", text: source.slice(at, start) });
      at = start + match[0].length;
      this.addRun(match[0], source[start - 1] ?? " ", source[at] ?? " ");
    }
    this.add({ kind: "text", text: source.slice(at, to) });
  }

  /** A run of one sort of character is a marker when it has the right length, and stands at the edge of a word. */
  private addRun(run: string, before: string, after: string): void {
    const kind = KINDS[run];
    // Nothing reaches over an empty line.
    if (!kind && run.includes("\n")) this.openers = [];
    const opener = kind && this.openers.find((each) => each.kind === kind);
    if (opener && !/\s/.test(before) && !WORD.test(after) && opener.at < this.pieces.length - 1) this.close(opener);
    else {
      if (kind && !/\s/.test(after) && !WORD.test(before)) {
        this.openers = [...this.openers.filter((each) => each !== opener), { kind, at: this.pieces.length }];
      }
      this.add({ kind: "text", text: run });
    }
  }

  private close(opener: Opener): void {
    const children = joinTexts(this.pieces.splice(opener.at).slice(1));
    this.pieces.push({ kind: opener.kind, children });
    this.openers = this.openers.filter(({ at }) => at < opener.at);
  }
}

function joinTexts(pieces: Piece[]): Piece[] {
  const joined: Piece[] = [];
  let texts: string[] = [];
  const flush = () => {
    const text = texts.join("");
    texts = [];
    if (text) joined.push({ kind: "text", text });
  };
  for (const piece of pieces) {
    if (piece.kind === "text") texts.push(piece.text);
    else {
      flush();
      joined.push(piece);
    }
  }
  flush();
  return joined;
}

/** What is read when nothing can be drawn: in lists, in notifications. */
export function plainText(text: string): string {
  return parseMarkup(text).map(flatten).join("");
}

function flatten(piece: Piece): string {
  if (piece.kind === "block") return `${piece.text}\n`;
  return "children" in piece ? piece.children.map(flatten).join("") : piece.text;
}
