import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import type { Conversation, Message } from "@/api/types";
import { Avatar } from "@/components/ui/Avatar";
import { StateTick } from "@/components/ui/StateTick";
import { formatDateTime, formatShort } from "@/i18n/format";
import { nameOf } from "@/i18n/names";
import { stateOf } from "@/lib/delivery";
import { useEngine, usePresence } from "@/realtime/provider";
import { useTyping } from "@/realtime/useTyping";

function usePreview(message: Message, me: number): string {
  const { t } = useTranslation();
  if (message.deleted_at) return t("messages.deleted");
  const text = message.text?.trim() || t("chats.files", { count: message.attachments.length });
  return message.sender_id === me && message.receiver_id !== me ? t("chats.you", { text }) : text;
}

export function ConversationItem({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { me } = useEngine();
  const { peer, last_message: last, unread_count: unread } = conversation;
  const typing = useTyping(peer.id);
  const online = usePresence(peer.id)?.online ?? false;
  const preview = usePreview(last, me);
  const name = peer.id === me ? t("people.me") : nameOf(peer, t);
  return (
    <NavLink
      to={`/chat/${peer.id}`}
      className={({ isActive }) =>
        clsx("flex items-center gap-3 rounded-2xl px-2.5 py-2.5 transition-colors", isActive ? "bg-accent-soft" : "hover:bg-line/40")
      }
    >
      <Avatar name={name} seed={peer.id} online={online} gone={peer.username === null} />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span className={clsx("min-w-0 flex-1 truncate", unread > 0 ? "font-bold" : "font-semibold")}>{name}</span>
          <time dateTime={last.created_at} title={formatDateTime(last.created_at)} className="shrink-0 text-xs text-muted">
            {formatShort(last.created_at)}
          </time>
        </span>
        <span className="mt-0.5 flex items-center gap-2 text-sm text-muted">
          {last.sender_id === me && !last.deleted_at && <StateTick state={stateOf(last, conversation)} />}
          {typing ? (
            <span className="min-w-0 flex-1 truncate text-accent">{t("chats.typing")}</span>
          ) : (
            <span className={clsx("min-w-0 flex-1 truncate", unread > 0 && "text-ink", last.deleted_at && "italic")}>{preview}</span>
          )}
          {unread > 0 && (
            <span className="min-w-6 shrink-0 rounded-full bg-amber px-1.5 text-center text-xs leading-6 font-bold text-on-amber">
              <span aria-hidden>{unread > 99 ? "99+" : unread}</span>
              <span className="sr-only">{t("chats.unread", { count: unread })}</span>
            </span>
          )}
        </span>
      </span>
    </NavLink>
  );
}
