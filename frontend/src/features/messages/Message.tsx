import { clsx } from "clsx";
import { type ReactNode, memo } from "react";
import { useTranslation } from "react-i18next";
import type { Message as MessageData } from "@/api/types";
import { StateTick } from "@/components/ui/StateTick";
import { formatDateTime, formatTime } from "@/i18n/format";
import { summarise } from "@/i18n/summary";
import { Attachments } from "./Attachments";
import type { Entry } from "./entries";
import { FailedNote } from "./FailedNote";
import { MessageMenu } from "./MessageMenu";
import { Reactions } from "./Reactions";
import { MessageText } from "./text/MessageText";

export interface MessageProps {
  entry: Entry;
  peerName: string;
  quoted: MessageData | undefined;
  /** Neither of the two has blocked the other, and there is somebody to answer. */
  canWrite: boolean;
  onReply: (message: MessageData) => void;
  onEdit: (message: MessageData) => void;
  /** Shows the message with this id, wherever it is. */
  onJump: (messageId: number) => void;
}

function Quote({ quoted, author, onOpen }: { quoted: MessageData | undefined; author: string; onOpen: () => void }) {
  const { t } = useTranslation();
  const summary = quoted ? summarise(quoted, t).text : t("messages.quoteMissing");
  return (
    <button
      type="button"
      onClick={onOpen}
      className="mb-1.5 block w-full min-w-0 rounded-lg border-l-3 border-amber bg-ink/5 px-2.5 py-1 text-left text-sm hover:bg-ink/10"
    >
      {quoted && <span className="block truncate font-semibold">{author}</span>}
      <span className="block truncate text-muted">{summary}</span>
    </button>
  );
}

/** Floats: shares the last line with the text when there is room, and takes its own when there is not. */
function Footer({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const { message, state } = entry;
  return (
    <p className="float-right mt-1.5 ml-3 flex items-center gap-1.5 text-xs text-muted">
      {message.edited_at && !message.deleted_at && <span title={formatDateTime(message.edited_at)}>{t("messages.edited")}</span>}
      <time dateTime={message.created_at} title={formatDateTime(message.created_at)}>
        {formatTime(message.created_at)}
      </time>
      {state && !message.deleted_at && <StateTick state={state} />}
    </p>
  );
}

function Bubble({ entry, children }: { entry: Entry; children: ReactNode }) {
  return (
    <div
      className={clsx(
        "flow-root max-w-full min-w-0 rounded-2xl px-3.5 py-2 shadow-[0_1px_1px_rgb(0_0_0/0.05)]",
        entry.own ? "bg-own" : "bg-peer",
        entry.startsGroup && (entry.own ? "rounded-tr-md" : "rounded-tl-md"),
        entry.state === "failed" && "outline-1 outline-danger",
      )}
    >
      {children}
      <Footer entry={entry} />
    </div>
  );
}

/** Entries are built anew with every change of the list; what they show mostly stays the same. */
function looksTheSame(before: MessageProps, after: MessageProps): boolean {
  const { entry: a, ...restBefore } = before;
  const { entry: b, ...restAfter } = after;
  const sameEntry = a.message === b.message && a.state === b.state && a.failedCode === b.failedCode && a.startsGroup === b.startsGroup;
  return sameEntry && a.pending === b.pending && Object.entries(restBefore).every(([name, value]) => restAfter[name as keyof typeof restAfter] === value);
}

export const Message = memo(function Message({ entry, peerName, quoted, canWrite, onReply, onEdit, onJump }: MessageProps) {
  const { t } = useTranslation();
  const { message, own, pending } = entry;
  const myId = own ? message.sender_id : message.receiver_id;
  const time = formatTime(message.created_at);
  const label = own ? t("messages.fromMe", { time }) : t("messages.fromPeer", { name: peerName, time });
  return (
    <article
      aria-label={label}
      data-message-id={pending ? message.client_id : message.id}
      data-own={own ? "" : undefined}
      data-state={entry.state ?? undefined}
      className={clsx("group flex flex-col", own ? "items-end" : "items-start", entry.startsGroup ? "mt-3" : "mt-1")}
    >
      <div className={clsx("flex max-w-[88%] min-w-0 items-center gap-1 sm:max-w-[75%] lg:max-w-xl", own && "flex-row-reverse")}>
        <Bubble entry={entry}>
          {message.deleted_at ? (
            <span className="text-muted italic">{t("messages.deleted")}</span>
          ) : (
            <>
              {message.reply_to_id !== null && (
                <Quote
                  quoted={quoted}
                  author={quoted?.sender_id === myId ? t("messages.you") : peerName}
                  onOpen={() => onJump(message.reply_to_id ?? 0)}
                />
              )}
              {message.attachments.length > 0 && <Attachments attachments={message.attachments} pending={pending} />}
              {message.text !== null && <MessageText text={message.text} />}
            </>
          )}
        </Bubble>
        {/* The menu's place is kept from the start, so that nothing moves when the server has the message. */}
        {pending && <span className="size-9 shrink-0" />}
        {!pending && !message.deleted_at && (
          <MessageMenu message={message} own={own} canWrite={canWrite} onReply={onReply} onEdit={onEdit} />
        )}
      </div>
      {message.reactions.length > 0 && <Reactions message={message} canReact={canWrite} />}
      {entry.failedCode !== null && <FailedNote clientId={message.client_id} code={entry.failedCode} file={entry.failedFile} />}
    </article>
  );
}, looksTheSame);
