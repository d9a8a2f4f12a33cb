import { type ReactNode, useMemo } from "react";
import { type Piece, parseMarkup } from "@/lib/markup";
import { CodeBlock } from "./CodeBlock";

/** A message of a few emoji and nothing else says it louder. */
const LOUD_MAX = 3;
const segmenter = new Intl.Segmenter();

function isLoud(text: string): boolean {
  if (text.length > LOUD_MAX * 16) return false;
  const letters = [...segmenter.segment(text.trim())].map(({ segment }) => segment);
  return letters.length > 0 && letters.length <= LOUD_MAX && letters.every((letter) => /^(\p{Emoji_Presentation}|\p{Emoji}\uFE0F)/u.test(letter));
}

const TAGS = { bold: "strong", italic: "em", strike: "s" } as const;

function draw(piece: Piece, key: number): ReactNode {
  switch (piece.kind) {
    case "text":
      return piece.text;
    case "link":
      return (
        <a key={key} href={piece.href} target="_blank" rel="noreferrer noopener" className="text-accent underline underline-offset-2">
          {piece.text}
        </a>
      );
    case "code":
      return <code key={key} className="rounded-md bg-ink/8 px-1 py-0.5 font-mono text-[0.9em]">{piece.text}</code>;
    case "block":
      return <CodeBlock key={key} code={piece.text} language={piece.open.slice(3).trim()} />;
    default: {
      const Tag = TAGS[piece.kind];
      return <Tag key={key}>{piece.children.map(draw)}</Tag>;
    }
  }
}

/** What somebody wrote, with their formatting. Drawn piece by piece: nothing of it is ever read as markup. */
export function MessageText({ text }: { text: string }) {
  const pieces = useMemo(() => parseMarkup(text), [text]);
  return (
    <span className={`wrap-anywhere whitespace-pre-wrap ${isLoud(text) ? "text-4xl leading-snug" : ""}`}>{pieces.map(draw)}</span>
  );
}
