import { clsx } from "clsx";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { EmptyState } from "@/components/ui/EmptyState";
import { DropZone } from "@/features/composer/DropZone";
import { ConnectionBanner } from "@/features/conversations/ConnectionBanner";
import { useConversations } from "@/features/conversations/useConversations";
import { useEngine } from "@/realtime/provider";
import { ConversationPane } from "./ConversationPane";
import { Sidebar } from "./Sidebar";

const MAX_ID_DIGITS = 15;

function parseUserId(text: string | undefined): number | null {
  return text && /^[1-9]\d*$/.test(text) && text.length <= MAX_ID_DIGITS ? Number(text) : null;
}

function useUnreadTitle(unread: number): void {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = unread > 0 ? t("chats.titleUnread", { unread }) : t("app.name");
    return () => {
      document.title = t("app.name");
    };
  }, [unread, t]);
}

export default function Chat() {
  const { t } = useTranslation();
  const { userId } = useParams();
  const engine = useEngine();
  const { conversations } = useConversations();
  const peerId = parseUserId(userId);

  useUnreadTitle(conversations.reduce((sum, { unread_count }) => sum + unread_count, 0));

  const watched = [...(peerId === null ? [] : [peerId]), ...conversations.map(({ peer }) => peer.id)].join();
  useEffect(() => engine.watch(watched ? watched.split(",").map(Number) : []), [engine, watched]);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <ConnectionBanner />
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,1fr)] md:grid-cols-[minmax(17rem,22rem)_minmax(0,1fr)]">
        <Sidebar className={clsx("min-h-0 flex-col border-r border-line bg-surface md:flex", userId ? "hidden" : "flex")} />
        {peerId === null ? (
          <main className={clsx("stitched place-items-center md:grid", userId ? "grid" : "hidden")}>
            <DropZone enabled={false} onFiles={() => undefined} />
            <h1 className="sr-only">{t("chats.title")}</h1>
            {userId ? (
              <EmptyState title={t("chats.unknownTitle")} text={t("chats.unknownText")} />
            ) : (
              <EmptyState title={t("chats.pickTitle")} text={t("chats.pickText")} />
            )}
          </main>
        ) : (
          <ConversationPane key={peerId} peerId={peerId} />
        )}
      </div>
    </div>
  );
}
