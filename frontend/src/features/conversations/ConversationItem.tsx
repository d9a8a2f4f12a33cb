import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import type { Conversation } from "@/api/types";
import { Avatar } from "@/components/ui/Avatar";
import { formatDateTime, formatShort } from "@/i18n/format";
import { nameOf } from "@/i18n/names";
import { useEngine, usePresence } from "@/realtime/provider";
import { Preview } from "./Preview";

function UnreadBadge({ count }: { count: number }) {
  const { t } = useTranslation();
  if (count === 0) return null;
  return (
    <span className="min-w-6 shrink-0 rounded-full bg-amber px-1.5 text-center text-xs leading-6 font-bold text-on-amber tabular-nums">
      <span aria-hidden>{count > 99 ? "99+" : count}</span>
      <span className="sr-only">{t("chats.unread", { count })}</span>
    </span>
  );
}

export function ConversationItem({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { me } = useEngine();
  const { peer, last_message: last, unread_count: unread } = conversation;
  const online = usePresence(peer.id)?.online ?? false;
  const name = peer.id === me ? t("people.me") : nameOf(peer, t);
  return (
    <NavLink
      to={`/chat/${peer.id}`}
      className={({ isActive }) =>
        clsx("flex items-center gap-3 rounded-2xl px-2.5 py-2.5 transition-colors", isActive ? "bg-accent-soft" : "hover:bg-line/40")
      }
    >
      {({ isActive }) => (
        <>
          <Avatar name={name} seed={peer.id} online={online} gone={peer.username === null} />
          <span className="min-w-0 flex-1">
            <span className="flex items-baseline gap-2">
              <span className={clsx("min-w-0 flex-1 truncate", unread > 0 ? "font-bold" : "font-semibold")}>{name}</span>
              {online && <span className="sr-only">{t("chats.online")}</span>}
              <time dateTime={last.created_at} title={formatDateTime(last.created_at)} className="shrink-0 text-xs text-muted tabular-nums">
                {formatShort(last.created_at)}
              </time>
            </span>
            <span className={clsx("mt-0.5 flex h-6 items-center gap-1.5 text-sm", unread > 0 ? "text-ink" : "text-muted")}>
              <Preview conversation={conversation} active={isActive} />
              <UnreadBadge count={unread} />
            </span>
          </span>
        </>
      )}
    </NavLink>
  );
}
