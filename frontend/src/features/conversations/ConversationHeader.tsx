import { ArrowLeft, Ban, EllipsisVertical, ShieldCheck } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { setBlocked } from "@/api/chat";
import { toApiError } from "@/api/errors";
import type { User } from "@/api/types";
import { Avatar } from "@/components/ui/Avatar";
import { ConfirmDialog } from "@/components/ui/ConfirmDialog";
import { Menu } from "@/components/ui/Menu";
import { Skeleton } from "@/components/ui/Skeleton";
import { showToast } from "@/components/ui/toasts";
import { explain } from "@/i18n/errors";
import { formatAgo } from "@/i18n/format";
import { nameOf } from "@/i18n/names";
import { useEngine, usePresence } from "@/realtime/provider";
import { useTyping } from "@/realtime/useTyping";

function PresenceLine({ peerId }: { peerId: number }) {
  const { t } = useTranslation();
  const presence = usePresence(peerId);
  const typing = useTyping(peerId);
  if (typing) return <span className="text-accent">{t("chats.typing")}</span>;
  if (presence?.online) return <span className="text-online">{t("chats.online")}</span>;
  return presence?.last_seen_at ? t("chats.lastSeen", { when: formatAgo(presence.last_seen_at) }) : null;
}

interface ConversationHeaderProps {
  peer: User | undefined;
  blocked: boolean;
  /** Buttons of the page. */
  children?: ReactNode;
}

export function ConversationHeader({ peer, blocked, children }: ConversationHeaderProps) {
  const { t } = useTranslation();
  const { me } = useEngine();
  const [asking, setAsking] = useState(false);
  const isPerson = peer !== undefined && peer.id !== me && peer.username !== null;
  const name = peer?.id === me ? t("people.me") : nameOf(peer, t);

  const change = (on: boolean) =>
    peer ? setBlocked(peer.id, on).catch((error: unknown) => showToast("failed", explain(toApiError(error), t))) : Promise.resolve();

  return (
    <header className="flex h-17 shrink-0 items-center gap-3 border-b border-line bg-surface px-3 md:px-5">
      <Link
        to="/chat"
        aria-label={t("app.back")}
        className="-ml-1 inline-flex size-10 items-center justify-center rounded-xl text-muted hover:bg-accent-soft hover:text-ink md:hidden"
      >
        <ArrowLeft size={22} aria-hidden />
      </Link>
      {peer ? <Avatar name={name} seed={peer.id} gone={peer.username === null} /> : <Skeleton className="size-12 rounded-[32%]!" />}
      <div className="min-w-0 flex-1">
        <h1 className="truncate text-lg leading-6 font-semibold">{peer ? name : <Skeleton className="h-4 w-40" />}</h1>
        {/* The height is there before anything is known, so that nothing moves when it is. */}
        <p className="h-5 truncate text-sm text-muted">{isPerson && !blocked && <PresenceLine peerId={peer.id} />}</p>
      </div>
      {children}
      {isPerson && (
        <Menu
          label={t("chats.actions")}
          icon={<EllipsisVertical size={20} aria-hidden />}
          items={[
            blocked
              ? { action: "unblock", label: t("chats.unblock"), icon: <ShieldCheck size={18} aria-hidden />, run: () => void change(false) }
              : { action: "block", label: t("chats.block"), icon: <Ban size={18} aria-hidden />, danger: true, run: () => setAsking(true) },
          ]}
        />
      )}
      {asking && (
        <ConfirmDialog
          title={t("chats.blockTitle", { name })}
          text={t("chats.blockText")}
          confirm={t("chats.block")}
          onConfirm={() => change(true)}
          onClose={() => setAsking(false)}
        />
      )}
    </header>
  );
}
