import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Message } from "@/api/types";
import { formatDateTime, formatShort } from "@/i18n/format";
import { nameOf } from "@/i18n/names";
import { plainText } from "@/lib/markup";
import { useEngine } from "@/realtime/provider";
import { useConversation } from "@/realtime/useConversations";
import { excerpt } from "./marks";

interface SearchHitProps {
  message: Message;
  query: string;
  /** The conversation on the screen: going to another message of it is no new page. */
  here: number | null;
  onPick?: (() => void) | undefined;
}

/** Of the conversation, which there is: to ask for somebody who is gone would be an error. */
function usePeerName(peerId: number): string {
  const { t } = useTranslation();
  const { me } = useEngine();
  const { conversation } = useConversation(peerId);
  if (peerId === me) return t("people.me");
  return conversation ? nameOf(conversation.peer, t) : "…";
}

export function SearchHit({ message, query, here, onPick }: SearchHitProps) {
  const { t } = useTranslation();
  const { me } = useEngine();
  const own = message.sender_id === me;
  const peerId = own ? message.receiver_id : message.sender_id;
  const peer = usePeerName(peerId);
  const author = own ? t("messages.you") : peer;
  return (
    <Link
      to={`/chat/${peerId}?message=${message.id}`}
      replace={peerId === here}
      onClick={onPick}
      className="block rounded-2xl px-3 py-2.5 hover:bg-line/40 focus-visible:-outline-offset-2"
    >
      <span className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate font-semibold">{own && peerId !== here ? `${author} → ${peer}` : author}</span>
        <time dateTime={message.created_at} title={formatDateTime(message.created_at)} className="shrink-0 text-xs text-muted">
          {formatShort(message.created_at)}
        </time>
      </span>
      <span className="mt-0.5 line-clamp-3 text-sm wrap-anywhere text-muted">
        {excerpt(plainText(message.text ?? ""), query).map(({ text, isMarked }, index) =>
          isMarked ? <mark key={index} className="rounded-sm bg-amber text-on-amber">{text}</mark> : text,
        )}
      </span>
    </Link>
  );
}
