import { clsx } from "clsx";
import { type FocusEvent, type KeyboardEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { Skeleton } from "@/components/ui/Skeleton";
import { useEngine, useOutboxItems } from "@/realtime/provider";
import { Announcer } from "./Announcer";
import { type Entry, buildEntries } from "./entries";
import { Message, type MessageProps } from "./Message";
import { DayLine, NewLine, StickyDay } from "./separators";
import { ToBottom } from "./ToBottom";
import { TypingLine } from "./TypingLine";
import type { Edge, HistoryView } from "./useHistory";
import { type Jump, useReading } from "./useReading";
import { useReadMarks } from "./useReadMarks";

interface MessageListProps extends Pick<MessageProps, "peerName" | "canWrite" | "onReply" | "onEdit" | "onJump"> {
  peerId: number;
  conversation: Conversation | undefined;
  history: HistoryView;
  jump: Jump | null;
}

function Loading() {
  const { t } = useTranslation();
  const widths = ["w-52", "w-72", "w-40", "w-64", "w-56", "w-36"];
  return (
    <div role="status" aria-label={t("app.loading")} className="flex flex-1 flex-col justify-end gap-3">
      {widths.map((width, index) => (
        <Skeleton key={width} className={`h-11 max-w-full rounded-2xl! ${width} ${index % 3 === 1 ? "self-end" : ""}`} />
      ))}
    </div>
  );
}

function More({ edge, label }: { edge: Edge; label: string }) {
  if (!edge.hasMore) return null;
  return (
    <div className="flex h-14 items-center justify-center">
      <Button look="quiet" busy={edge.isLoading} onClick={edge.load}>{label}</Button>
    </div>
  );
}

/** Where reading had stopped when the conversation was opened; later marks must not move the line. */
function useReadUntil(conversation: Conversation | undefined, isLoaded: boolean): number | null {
  const [frozen, setFrozen] = useState<number | null | undefined>(undefined);
  if (frozen === undefined && conversation) setFrozen(conversation.unread_count > 0 ? (conversation.my_read_id ?? 0) : null);
  else if (frozen === undefined && isLoaded) setFrozen(null);
  return frozen ?? null;
}

function useEntries(peerId: number, conversation: Conversation | undefined, history: HistoryView, readUntil: number | null): Entry[] {
  const { me, uploads } = useEngine();
  const outbox = useOutboxItems();
  const { messages, older } = history;
  // What waits to be sent comes after all messages: it is shown where these reach the present, or while none are there.
  const isPresent = history.isPresent || (!history.isSuccess && messages.length === 0);
  // Where the line belongs is not known before the last read message is in sight.
  const isLineKnown = !older.hasMore || (messages[0]?.id ?? 0) <= (readUntil ?? 0);
  const lineAfter = isLineKnown ? readUntil : null;
  return useMemo(
    () => buildEntries({ me, peerId, messages, isPresent, outbox, marks: conversation, readUntil: lineAfter, previewOf: (file) => uploads.previewOf(file) }),
    [me, peerId, messages, isPresent, outbox, conversation, lineAfter, uploads],
  );
}

/** The newest message of the peer that was in sight. */
function useSeen(entries: readonly Entry[], peerId: number, lowestKey: string | undefined): number {
  const { me } = useEngine();
  return useMemo(() => {
    const lowest = entries.findLastIndex(({ key }) => key === lowestKey);
    if (lowest < 0 || peerId === me) return 0;
    return entries.findLast(({ own }, index) => !own && index <= lowest)?.message.id ?? 0;
  }, [entries, lowestKey, peerId, me]);
}

export function MessageList({ peerId, conversation, history, jump, ...rest }: MessageListProps) {
  const { t } = useTranslation();
  const { me } = useEngine();
  const { messages, isPending, error } = history;
  const readUntil = useReadUntil(conversation, history.isSuccess);
  const entries = useEntries(peerId, conversation, history, readUntil);
  const { pieces, measure, setBox, setContent, setPinned, look, sight, toEnd, highlighted } = useReading({ peerId, entries, history, readUntil, jump });

  useReadMarks(peerId, useSeen(entries, peerId, sight.lowestKey), conversation?.my_read_id ?? 0);

  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const topmost = entries.find(({ key }) => key === sight.topmostKey);

  const onKeyDown = (event: KeyboardEvent) => {
    // The browser's own End key knows only what is loaded.
    if (event.key !== "End" || event.target !== event.currentTarget) return;
    event.preventDefault();
    void toEnd();
  };
  const onFocus = (event: FocusEvent) => setPinned(event.target.closest<HTMLElement>("[data-key]")?.dataset.key ?? null);

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {topmost && !sight.hasDayAtTop && <StickyDay time={topmost.message.created_at} />}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it is scrolled by keyboard */}
      <div
        ref={setBox}
        role="log"
        aria-live="off"
        aria-label={t("messages.log")}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrollable region must be reachable by keyboard
        tabIndex={0}
        onScroll={look}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
        onBlur={() => setPinned(null)}
        className="relative flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain px-4 pt-4 [overflow-anchor:none] md:px-8"
      >
        {isPending && !error && <Loading />}
        {error !== null && messages.length === 0 && (
          <div className="m-auto text-center">
            <p role="alert" className="mb-3 text-muted">{t("messages.loadFailed")}</p>
            <Button look="quiet" onClick={history.retry}>{t("app.retry")}</Button>
          </div>
        )}
        {history.isSuccess && entries.length === 0 && (
          <div className="m-auto">
            <EmptyState title={t("messages.emptyTitle")} text={peerId === me ? t("messages.emptySelf") : t("messages.emptyText", { name: rest.peerName })} />
          </div>
        )}
        <div ref={setContent} className="mx-auto mt-auto w-full max-w-4xl">
          <More edge={history.older} label={t("messages.older")} />
          {pieces.map((piece, index) =>
            piece.kind === "gap" ? (
              <div key={`gap-${index}`} style={{ height: piece.size }} />
            ) : (
              <div
                key={piece.entry.key}
                ref={measure}
                data-key={piece.entry.key}
                data-index={piece.index}
                className={clsx(
                  "-mx-3 flow-root rounded-2xl px-3 transition-colors duration-700",
                  piece.entry.key === highlighted && "bg-amber/30 duration-0!",
                )}
              >
                {piece.entry.startsDay && <DayLine time={piece.entry.message.created_at} />}
                {piece.entry.startsNew && <NewLine />}
                <Message entry={piece.entry} quoted={byId.get(piece.entry.message.reply_to_id ?? 0)} {...rest} />
              </div>
            ),
          )}
          <More edge={history.newer} label={t("messages.newer")} />
        </div>
      </div>
      <Announcer peerId={peerId} name={rest.peerName} />
      <TypingLine peerId={peerId} name={rest.peerName} />
      {!sight.isNearEnd && <ToBottom unread={conversation?.unread_count ?? 0} onClick={() => void toEnd()} />}
    </div>
  );
}
