import { type KeyboardEvent, useRef, useState } from "react";
import { currentLanguage } from "@/i18n/index";
import type { Emoji } from "./data";

export const COLUMNS = 8;

interface EmojiGridProps {
  label: string;
  emoji: readonly Emoji[];
  onPick: (emoji: string) => void;
  /** Up from the first row. */
  onLeave: () => void;
}

/** One stop for the Tab key; inside, the arrow keys. */
export function EmojiGrid({ label, emoji, onPick, onLeave }: EmojiGridProps) {
  const [at, setAt] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const current = Math.min(at, emoji.length - 1);
  const language = currentLanguage();

  const go = (to: number) => {
    const target = Math.min(emoji.length - 1, Math.max(0, to));
    setAt(target);
    grid.current?.querySelectorAll<HTMLElement>("button")[target]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS, Home: -current, End: emoji.length };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "ArrowUp" && current < COLUMNS) onLeave();
    else go(current + step);
  };

  const rows = Array.from({ length: Math.ceil(emoji.length / COLUMNS) }, (_, row) => emoji.slice(row * COLUMNS, (row + 1) * COLUMNS));
  return (
    // eslint-disable-next-line jsx-a11y/interactive-supports-focus -- the cells have the focus
    <div ref={grid} role="grid" aria-label={label} onKeyDown={onKeyDown}>
      {rows.map((row, rowIndex) => (
        <div key={row[0]?.emoji} role="row" className="grid grid-cols-8">
          {row.map(({ emoji: sign, names }, column) => {
            const index = rowIndex * COLUMNS + column;
            return (
              <div key={sign} role="gridcell">
                <button
                  type="button"
                  tabIndex={index === current ? 0 : -1}
                  aria-label={names[language]}
                  title={names[language]}
                  onFocus={() => setAt(index)}
                  onClick={() => onPick(sign)}
                  className="grid aspect-square w-full place-items-center rounded-lg text-[1.6rem] leading-none hover:bg-accent-soft focus-visible:-outline-offset-2"
                >
                  {sign}
                </button>
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}
