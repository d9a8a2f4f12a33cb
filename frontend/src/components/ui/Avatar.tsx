import { clsx } from "clsx";

interface AvatarProps {
  name: string;
  /** Decides the colour, so that a person keeps it when they change their name. */
  seed: number;
  size?: "sm" | "md" | "lg";
  online?: boolean;
  gone?: boolean;
}

/** Dark enough for white letters (AA) in both themes. */
const COLOURS = ["#3a4cc0", "#7a3fb0", "#a83279", "#b23a48", "#a3521c", "#7b6112", "#3f7526", "#1f7560", "#1c6c93", "#56607a"];
const SIZES = { sm: "size-8 text-xs", md: "size-12 text-base", lg: "size-20 text-2xl" };
const segmenter = new Intl.Segmenter();

const first = (word: string | undefined) => (word ? ([...segmenter.segment(word)][0]?.segment ?? "") : "");

function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : "")).toLocaleUpperCase();
}

export function Avatar({ name, seed, size = "md", online = false, gone = false }: AvatarProps) {
  const colour = gone ? "#6b7080" : COLOURS[seed % COLOURS.length];
  return (
    <span aria-hidden className="relative inline-block shrink-0">
      <span
        // Drawn by the style sheet: initials are a picture, not words to be read, found or copied.
        data-initials={gone ? "·" : initialsOf(name)}
        className={clsx(
          "flex items-center justify-center rounded-[32%] font-semibold text-white before:content-[attr(data-initials)]",
          SIZES[size],
        )}
        style={{ backgroundColor: colour }}
      />
      {online && <span className="absolute -right-0.5 -bottom-0.5 size-3.5 rounded-full border-2 border-surface bg-online" />}
    </span>
  );
}
