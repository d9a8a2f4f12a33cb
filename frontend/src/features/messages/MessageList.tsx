import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, Message as MessageData } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { Skeleton } from "@/components/ui/Skeleton";
import { daysAgo, formatDay } from "@/i18n/format";
import { useEngine, useOutboxItems } from "@/realtime/provider";
import { useTyping } from "@/realtime/useTyping";
import { type Entry, buildEntries } from "./entries";
import { Message, type MessageProps } from "./Message";
import { useHistory } from "./useHistory";
import { useReadMarks } from "./useReadMarks";
import { useScroll } from "./useScroll";

interface MessageListProps extends Pick<MessageProps, "peerName" | "canWrite" | "onReply" | "onEdit"> {
  peerId: number;
  conversation: Conversation | undefined;
}

function DayLine({ time }: { time: string }) {
  const { t } = useTranslation();
  const days = daysAgo(time);
  const named = days === 0 ? t("messages.today") : days === 1 ? t("messages.yesterday") : formatDay(time);
  return (
    <p className="my-4 flex justify-center">
      <time dateTime={time.slice(0, 10)} className="rounded-full border border-line bg-surface px-3 py-0.5 text-xs font-medium text-muted">
        {named}
      </time>
    </p>
  );
}

function NewLine() {
  const { t } = useTranslation();
  return (
    <p data-new-line="" className="my-4 flex items-center gap-3 text-xs font-bold text-ink before:h-0.5 before:flex-1 before:bg-amber after:h-0.5 after:flex-1 after:bg-amber">
      {t("messages.newLine")}
    </p>
  );
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

function TypingLine({ peerId, name }: { peerId: number; name: string }) {
  const { t } = useTranslation();
  const typing = useTyping(peerId);
  return (
    // The line is always there: somebody starting to type must not move the conversation.
    <p aria-live="polite" className="flex h-6 shrink-0 items-center gap-2 px-4 text-sm text-muted md:px-8">
      {typing && (
        <>
          <span aria-hidden className="flex gap-1">
            {["", "[animation-delay:150ms]", "[animation-delay:300ms]"].map((delay) => (
              <span key={delay} className={`size-1.5 animate-dot rounded-full bg-muted ${delay}`} />
            ))}
          </span>
          {t("messages.typing", { name })}
        </>
      )}
    </p>
  );
}

/** Where reading had stopped when the conversation was opened; later marks must not move the line. */
function useReadUntil(conversation: Conversation | undefined): number | null {
  const [frozen, setFrozen] = useState<number | null | undefined>(undefined);
  if (frozen === undefined && conversation) setFrozen(conversation.unread_count > 0 ? (conversation.my_read_id ?? 0) : null);
  return frozen ?? null;
}

function useEntries(peerId: number, conversation: Conversation | undefined, messages: readonly MessageData[]): Entry[] {
  const { me, uploads } = useEngine();
  const outbox = useOutboxItems();
  const readUntil = useReadUntil(conversation);
  return useMemo(
    () => buildEntries({ me, peerId, messages, outbox, marks: conversation, readUntil, previewOf: (file) => uploads.previewOf(file) }),
    [me, peerId, messages, outbox, conversation, readUntil, uploads],
  );
}

export function MessageList({ peerId, conversation, ...rest }: MessageListProps) {
  const { t } = useTranslation();
  const { me } = useEngine();
  const { messages, isPending, isError, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useHistory(peerId);
  const entries = useEntries(peerId, conversation, messages);
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);

  const first = entries[0]?.key;
  const last = entries.at(-1);
  const keys = useMemo(() => ({ first, last: last?.key, lastIsOwn: last?.own ?? false }), [first, last?.key, last?.own]);
  const { atBottom, onScroll, toBottom } = useScroll(box, content, keys);

  const newestFromPeer = messages.findLast((message) => message.sender_id === peerId && peerId !== me)?.id ?? 0;
  useReadMarks(peerId, newestFromPeer, conversation?.my_read_id ?? 0);

  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const older = useOlder(box, hasNextPage && !isFetchingNextPage, fetchNextPage);

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={box}
        role="log"
        aria-label={t("messages.log")}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrollable region must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
        className="flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain px-4 pt-4 md:px-8"
      >
        {isPending && <Loading />}
        {isError && (
          <div className="m-auto text-center">
            <p role="alert" className="mb-3 text-muted">{t("messages.loadFailed")}</p>
            <Button look="quiet" onClick={() => void refetch()}>{t("app.retry")}</Button>
          </div>
        )}
        {!isPending && !isError && entries.length === 0 && (
          <div className="m-auto">
            <EmptyState title={t("messages.emptyTitle")} text={peerId === me ? t("messages.emptySelf") : t("messages.emptyText", { name: rest.peerName })} />
          </div>
        )}
        <div ref={content} className="mx-auto mt-auto w-full max-w-4xl">
          {hasNextPage && (
            <div ref={older} className="flex justify-center pb-2">
              <Button look="quiet" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("messages.older")}</Button>
            </div>
          )}
          {!isPending && entries.map((entry) => (
            <div key={entry.key}>
              {entry.startsDay && <DayLine time={entry.message.created_at} />}
              {entry.startsNew && <NewLine />}
              <Message entry={entry} quoted={byId.get(entry.message.reply_to_id ?? 0)} {...rest} />
            </div>
          ))}
        </div>
      </div>
      <TypingLine peerId={peerId} name={rest.peerName} />
      {!atBottom && <ToBottom unread={conversation?.unread_count ?? 0} onClick={toBottom} />}
    </div>
  );
}

function ToBottom({ unread, onClick }: { unread: number; onClick: () => void }) {
  const { t } = useTranslation();
  const label = t(unread > 0 ? "messages.newest" : "messages.toBottom");
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="absolute right-4 bottom-8 z-10 inline-flex h-11 min-w-11 animate-appear items-center justify-center gap-2 rounded-full border border-line bg-raised px-3 text-sm font-medium shadow-lg hover:bg-accent-soft md:right-8"
    >
      {unread > 0 && t("messages.newest")}
      <ArrowDown size={18} aria-hidden />
    </button>
  );
}

const AHEAD_PX = 600;

/** Loads older messages shortly before the reader gets there. Gives the ref for the element at the top. */
function useOlder(box: { current: HTMLElement | null }, wanted: boolean, load: () => unknown) {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  }, [load]);

  useEffect(() => {
    if (!element || !wanted) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && latest.current(), {
      root: box.current,
      rootMargin: `${AHEAD_PX}px 0px 0px`,
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, element, wanted]);

  return useCallback((node: HTMLElement | null) => setElement(node), []);
}
