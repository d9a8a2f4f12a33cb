import { type Range, defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useMemo } from "react";
import type { Attachment } from "@/api/types";
import type { Entry } from "./entries";
import type { ScrollKeeper } from "./scrollKeeper";

/** Rows beyond the edges of the window, so that fast scrolling finds them drawn. */
const OVERSCAN = 10;
const CHARACTERS_PER_LINE = 60;
const HEIGHTS = { line: 24, bubble: 16, group: 12, inGroup: 4, day: 58, newLine: 50, quote: 56, file: 58, picture: 300, reactions: 28 };

const isPicture = ({ width }: Attachment) => width !== null;

/** Only until the row was drawn once; a good guess keeps the scroll bar calm. */
function estimateHeight({ message, startsDay, startsNew, startsGroup }: Entry): number {
  const { text, attachments, reactions, reply_to_id } = message;
  const lines = (text ?? "").split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / CHARACTERS_PER_LINE)), 0);
  return (
    HEIGHTS.bubble +
    lines * HEIGHTS.line +
    (startsGroup ? HEIGHTS.group : HEIGHTS.inGroup) +
    (startsDay ? HEIGHTS.day : 0) +
    (startsNew ? HEIGHTS.newLine : 0) +
    (reply_to_id === null ? 0 : HEIGHTS.quote) +
    (reactions.length > 0 ? HEIGHTS.reactions : 0) +
    (attachments.some(isPicture) ? HEIGHTS.picture : 0) +
    attachments.filter((attachment) => !isPicture(attachment)).length * HEIGHTS.file
  );
}

/** The space that rows take which are not drawn, or a row that is. */
export type Piece = { kind: "gap"; size: number } | { kind: "row"; index: number; entry: Entry };

/**
 * When a page was added above, what is being read is further down than the scroll position still says. It must be drawn
 * nevertheless, for ScrollKeeper to put it back in its place.
 */
function around(anchor: number | undefined, range: Range): Range {
  if (anchor === undefined || (anchor >= range.startIndex && anchor <= range.endIndex)) return range;
  const last = range.count - 1;
  return { ...range, startIndex: anchor, endIndex: Math.min(last, anchor + range.endIndex - range.startIndex) };
}

const standStill = () => undefined;
const never = () => false;

/**
 * Which rows are drawn. TanStack Virtual remembers sizes and tells the range; the rows themselves are in the normal
 * flow, so a row that grows moves the others at once and not a frame later. It must not scroll: that is the business
 * of ScrollKeeper alone.
 */
export function useRows(box: HTMLElement | null, entries: readonly Entry[], keeper: ScrollKeeper | null, pinned: string | null) {
  const indexes = useMemo(() => new Map(entries.map(({ key }, index) => [key, index])), [entries]);
  const pinnedIndex = pinned === null ? undefined : indexes.get(pinned);
  // eslint-disable-next-line react/incompatible-library -- nothing here is memoized by a compiler
  const virtualizer = useVirtualizer({
    count: entries.length,
    getScrollElement: () => box,
    estimateSize: (index) => {
      const entry = entries[index];
      return entry ? estimateHeight(entry) : HEIGHTS.line;
    },
    getItemKey: useCallback((index: number) => entries[index]?.key ?? index, [entries]),
    overscan: OVERSCAN,
    // Beyond any end: most conversations open at theirs.
    initialOffset: Number.MAX_SAFE_INTEGER,
    scrollToFn: standStill,
    rangeExtractor: useCallback(
      (range: Range) => {
        const drawn = defaultRangeExtractor(around(indexes.get(keeper?.anchorKey ?? ""), range));
        // The row with the keyboard's focus stays, or the focus would be lost by scrolling.
        if (pinnedIndex === undefined || drawn.includes(pinnedIndex)) return drawn;
        return [...drawn, pinnedIndex].sort((a, b) => a - b);
      },
      [indexes, keeper, pinnedIndex],
    ),
  });
  virtualizer.shouldAdjustScrollPositionOnItemSizeChange = never;

  const pieces: Piece[] = [];
  let end = 0;
  for (const { index, start, end: itemEnd } of virtualizer.getVirtualItems()) {
    const entry = entries[index];
    if (!entry) continue;
    if (start > end) pieces.push({ kind: "gap", size: start - end });
    pieces.push({ kind: "row", index, entry });
    end = itemEnd;
  }
  const total = virtualizer.getTotalSize();
  if (total > end) pieces.push({ kind: "gap", size: total - end });

  const startOf = (key: string) => {
    const index = indexes.get(key);
    return index === undefined ? undefined : virtualizer.getOffsetForIndex(index, "start")?.[0];
  };
  return { pieces, measure: virtualizer.measureElement, startOf };
}
