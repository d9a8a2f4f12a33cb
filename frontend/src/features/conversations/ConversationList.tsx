import { Search } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { toApiError } from "@/api/errors";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { SkeletonRows } from "@/components/ui/Skeleton";
import { showToast } from "@/components/ui/toasts";
import { explain } from "@/i18n/errors";
import { useEngine } from "@/realtime/provider";
import { useConversations } from "@/realtime/useConversations";
import { ConversationItem } from "./ConversationItem";

/** Drafts that an earlier visit left are read as soon as their conversations are in the list. */
function useStoredDrafts(conversations: readonly Conversation[]): void {
  const { drafts } = useEngine();
  const peers = conversations.map(({ peer }) => peer.id).join();
  useEffect(() => {
    for (const peerId of peers.split(",")) if (peerId) void drafts.open(Number(peerId));
  }, [drafts, peers]);
}

export function ConversationList({ onFind }: { onFind: () => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const { conversations, isPending, isError, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useConversations();
  useStoredDrafts(conversations);

  useEffect(() => {
    for (const { peer, last_message, unread_count } of conversations) {
      if (unread_count > 0 && last_message.sender_id === peer.id) engine.markDelivered(peer.id, last_message.id);
    }
  }, [engine, conversations]);

  const showMore = () => fetchNextPage().catch((error: unknown) => showToast("failed", t("chats.moreFailed", { reason: explain(toApiError(error), t) })));

  if (isPending) return <SkeletonRows count={6} label={t("app.loading")} />;
  if (isError) {
    return (
      <div className="p-4 text-center">
        <p role="alert" className="mb-3 text-muted">{t("errors.network")}</p>
        <Button look="quiet" onClick={() => void refetch()}>{t("app.retry")}</Button>
      </div>
    );
  }
  if (conversations.length === 0) {
    return (
      <EmptyState small title={t("chats.emptyTitle")} text={t("chats.emptyText")}>
        <Button onClick={onFind}>
          <Search size={18} aria-hidden />
          {t("chats.find")}
        </Button>
      </EmptyState>
    );
  }
  return (
    <>
      <ul aria-label={t("chats.list")} className="space-y-0.5 p-2">
        {conversations.map((conversation) => (
          <li key={conversation.peer.id}>
            <ConversationItem conversation={conversation} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <div className="p-3 text-center">
          <Button look="quiet" busy={isFetchingNextPage} onClick={() => void showMore()}>{t("app.more")}</Button>
        </div>
      )}
    </>
  );
}
