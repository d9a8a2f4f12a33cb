import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useEngine, useOutboxItems } from "@/realtime/provider";
import type { Entry } from "./entries";
import { leaveAt, placeOf } from "./places";
import { ScrollKeeper } from "./scrollKeeper";
import { hasDayAtTop } from "./sight";
import type { HistoryView } from "./useHistory";
import { useRows } from "./useRows";

/** More is loaded when the end of what is loaded comes so near. */
const AHEAD_PX = 1200;
/** A first unread message stands below its line, with a little of what was read before. */
const UNREAD_TOP_PX = 130;
const HIGHLIGHT_MS = 2500;

/** A message to show, wherever it is. A new object is a new wish, also for the same message. */
export interface Jump {
  messageId: number;
}

interface Reading {
  peerId: number;
  entries: readonly Entry[];
  history: HistoryView;
  /** The last message that was read when the conversation was opened; null when nothing was waiting. */
  readUntil: number | null;
  jump: Jump | null;
}

interface Sight {
  isNearEnd: boolean;
  topmostKey: string | undefined;
  /** The day of the topmost message is said by its own line, or another line stands where the sticky one would. */
  hasDayAtTop: boolean;
  lowestKey: string | undefined;
}

const NOTHING: Sight = { isNearEnd: true, topmostKey: undefined, hasDayAtTop: false, lowestKey: undefined };

function sameSight(a: Sight, b: Sight): boolean {
  return a.isNearEnd === b.isNearEnd && a.topmostKey === b.topmostKey && a.hasDayAtTop === b.hasDayAtTop && a.lowestKey === b.lowestKey;
}

/** Something happens when the value of `trigger` changes, not when it is first known. */
function useOnChange<T>(trigger: T, act: () => void): void {
  const before = useRef(trigger);
  useLayoutEffect(() => {
    if (before.current === trigger) return;
    before.current = trigger;
    act();
  });
}

/** Where the reader is in a conversation, and all that moves them: opening it, writing, jumping, loading more. */
export function useReading({ peerId, entries, history, readUntil, jump }: Reading) {
  const [box, setBox] = useState<HTMLElement | null>(null);
  const [content, setContent] = useState<HTMLElement | null>(null);
  const [pinned, setPinned] = useState<string | null>(null);
  const [sight, setSight] = useState(NOTHING);
  const keeper = useMemo(() => box && new ScrollKeeper(box), [box]);
  const rows = useRows(box, entries, keeper, pinned);
  const { startOf } = rows;
  useLayoutEffect(() => {
    if (keeper) keeper.estimate = startOf;
  });
  const { older, newer, isPresent, show } = history;

  const look = useCallback(() => {
    if (!box || !keeper) return;
    keeper.settle();
    const { isNearEnd, topmostKey, lowestKey } = keeper;
    const now = { isNearEnd: isNearEnd && keeper.endsInPresent, topmostKey, lowestKey, hasDayAtTop: hasDayAtTop(box) };
    setSight((before) => (sameSight(before, now) ? before : now));
  }, [box, keeper]);

  const isOpen = useOpening({ peerId, entries, history, readUntil, jump }, keeper);

  const last = entries.at(-1)?.key;
  const wasPresent = useRef(isPresent);
  useOnChange(last, () => {
    if (isOpen.current && wasPresent.current && isPresent && keeper?.isNearEnd && !keeper.isAiming) keeper.goTo({ kind: "end" });
  });

  // After every commit: whatever changed, what is being read stays where it was.
  useLayoutEffect(() => {
    wasPresent.current = isPresent;
    if (!keeper) return;
    keeper.endsInPresent = isPresent;
    look();
  });

  useEffect(() => {
    if (!box || !content) return;
    const observer = new ResizeObserver(look);
    observer.observe(box);
    observer.observe(content);
    return () => observer.disconnect();
  }, [box, content, look]);

  useEffect(() => {
    if (!box || !keeper || keeper.isAiming || !isOpen.current) return;
    if (older.hasMore && !older.isLoading && !older.failed && box.scrollTop < AHEAD_PX) older.load();
    if (newer.hasMore && !newer.isLoading && !newer.failed && box.scrollHeight - box.scrollTop - box.clientHeight < AHEAD_PX) newer.load();
  });

  const toEnd = useCallback(async () => {
    if (isPresent || (await show(null))) keeper?.goTo({ kind: "end" });
  }, [isPresent, show, keeper]);
  useOwnSends(peerId, () => void toEnd());

  const highlighted = useJump(jump, entries, history, keeper);
  return { ...rows, setBox, setContent, setPinned, look, sight, toEnd, highlighted };
}

/** Decides once where a conversation opens: where it was left, at the first unread message, or at its end. */
function useOpening({ peerId, entries, history, readUntil, jump }: Reading, keeper: ScrollKeeper | null) {
  const engine = useEngine();
  const isOpen = useRef(false);
  const asked = useRef(false);
  const { isSuccess, older, show } = history;

  useLayoutEffect(() => {
    if (isOpen.current || !keeper || !isSuccess) return;
    isOpen.current = true;
    if (jump) return;
    const left = placeOf(engine, peerId);
    const firstNew = entries.find(({ startsNew }) => startsNew);
    if (left && entries.some(({ key }) => key === left.key)) keeper.goTo({ kind: "message", ...left });
    else if (readUntil !== null && !firstNew && older.hasMore && !asked.current) {
      asked.current = true;
      isOpen.current = false;
      void show({ around: Math.max(1, readUntil) });
    } else if (firstNew) keeper.goTo({ kind: "message", key: firstNew.key, top: UNREAD_TOP_PX });
    else keeper.goTo({ kind: "end" });
  });

  useLayoutEffect(
    () => () => {
      if (keeper && isOpen.current) leaveAt(engine, peerId, keeper.place);
    },
    [engine, peerId, keeper],
  );
  return isOpen;
}

/** Whoever writes wants to see it. */
function useOwnSends(peerId: number, act: () => void): void {
  const items = useOutboxItems();
  const newest = items.findLast((item) => item.peer_id === peerId)?.client_id;
  const known = useRef(new Set(items.map(({ client_id }) => client_id)));
  useEffect(() => {
    if (newest === undefined || known.current.has(newest)) return;
    known.current.add(newest);
    act();
  });
}

/** Brings the wished message into the middle, loading its part of the conversation if need be. Gives the key to highlight. */
function useJump(jump: Jump | null, entries: readonly Entry[], history: HistoryView, keeper: ScrollKeeper | null): string | null {
  const [highlighted, setHighlighted] = useState<string | null>(null);
  const pending = useRef<{ jump: Jump | null; isLoading: boolean }>({ jump: null, isLoading: false });
  const seen = useRef<Jump | null>(null);
  const { isSuccess, show } = history;

  useEffect(() => {
    if (jump && jump !== seen.current) {
      seen.current = jump;
      pending.current = { jump, isLoading: false };
    }
    const { jump: wanted, isLoading } = pending.current;
    if (!wanted || isLoading || !keeper || !isSuccess) return;
    const entry = entries.find(({ message }) => message.id === wanted.messageId);
    if (entry) {
      pending.current.jump = null;
      keeper.goTo({ kind: "message", key: entry.key, top: "centre" });
      setHighlighted(entry.key);
      return;
    }
    pending.current.isLoading = true;
    void show({ around: wanted.messageId }).then((shown) => {
      // A message that is not in its own surroundings does not exist: asking again would not help.
      if (!shown && pending.current.jump === wanted) pending.current.jump = null;
      pending.current.isLoading = false;
    });
  }, [jump, entries, keeper, isSuccess, show]);

  useEffect(() => {
    if (highlighted === null) return;
    const timer = setTimeout(() => setHighlighted(null), HIGHLIGHT_MS);
    return () => clearTimeout(timer);
  }, [highlighted, jump]);
  return highlighted;
}
