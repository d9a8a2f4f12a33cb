import { Search } from "lucide-react";
import { Suspense, lazy, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { type HistoryPlace, setBlocked } from "@/api/chat";
import { toApiError } from "@/api/errors";
import type { Conversation, Message } from "@/api/types";
import { Button, IconButton } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { showToast } from "@/components/ui/toasts";
import { DropZone } from "@/features/composer/DropZone";
import { MessageInput } from "@/features/composer/MessageInput";
import type { ComposerMode } from "@/features/composer/ModeBar";
import { useTray } from "@/features/composer/useTray";
import { ConversationHeader } from "@/features/conversations/ConversationHeader";
import { MessageList } from "@/features/messages/MessageList";
import { useHistory } from "@/features/messages/useHistory";
import { useMessageActions } from "@/features/messages/useMessageActions";
import { useBlocked } from "@/features/people/useBlocked";
import { useUser } from "@/features/people/usePeer";
import { explain } from "@/i18n/errors";
import { nameOf } from "@/i18n/names";
import type { OutboxItem } from "@/realtime/database";
import { useEngine } from "@/realtime/provider";
import { useConversation } from "@/realtime/useConversations";
import { useSearch } from "./useSearch";
import { useWantedMessage } from "./useWantedMessage";

const loadSearchPanel = () => import("@/features/search/SearchPanel");
const SearchPanel = lazy(loadSearchPanel);

/** With unread messages a conversation opens where reading had stopped. */
function startOf(conversation: Conversation | undefined): HistoryPlace {
  return conversation && conversation.unread_count > 0 ? { around: Math.max(1, conversation.my_read_id ?? 0) } : null;
}

function Notice({ text, action, onAction }: { text: string; action?: string; onAction?: () => void }) {
  return (
    <div className="flex flex-wrap items-center justify-center gap-3 border-t border-line bg-surface px-4 py-4 text-muted">
      <p>{text}</p>
      {action && <Button look="quiet" onClick={onAction}>{action}</Button>}
    </div>
  );
}

export function ConversationPane({ peerId }: { peerId: number }) {
  const { t } = useTranslation();
  const { me, outbox } = useEngine();
  const { conversation, settled, failed } = useConversation(peerId);
  const { jump, jumpTo } = useWantedMessage();
  const [start] = useState(() => jump && { around: jump.messageId });
  const history = useHistory(peerId, start ?? (settled || failed ? startOf(conversation) : undefined));
  const { button: searchButton, isOpen: searching, toggle: toggleSearch, close: closeSearch, makeRoom } = useSearch(peerId);
  // Asked second: for somebody who does not exist one refused request is enough.
  const user = useUser(peerId, settled && !conversation && history.isSuccess);
  const actions = useMessageActions();
  const tray = useTray(peerId);
  const [mode, setMode] = useState<ComposerMode>({ kind: "new" });

  const onReply = useCallback((message: Message) => setMode({ kind: "reply", message }), []);
  const onEdit = useCallback((message: Message) => setMode({ kind: "edit", message }), []);

  const peer = conversation?.peer ?? user.data;
  const blocked = useBlocked().some((person) => person.id === peerId);
  const gone = peer !== undefined && peer.username === null;
  const canWrite = !blocked && !gone;
  const peerName = peerId === me ? t("people.me") : nameOf(peer, t);

  const editLast = () => {
    const { messages } = history;
    const isOnItsWay = (item: OutboxItem) => item.peer_id === peerId && !messages.some(({ client_id }) => client_id === item.client_id);
    // The last one is not with the server yet: changing the one before it would surprise.
    if (outbox.items.getState().items.some(isOnItsWay)) return;
    const last = messages.findLast((message) => message.sender_id === me && !message.deleted_at && message.text !== null);
    if (last) onEdit(last);
  };
  const unblock = () => setBlocked(peerId, false).catch((error: unknown) => showToast("failed", explain(toApiError(error), t)));

  if (!conversation && toApiError(user.error ?? history.error).status === 404) {
    return (
      <main className="stitched grid place-items-center">
        <EmptyState title={t("chats.unknownTitle")} text={t("chats.unknownText")} />
      </main>
    );
  }
  return (
    <main className="stitched flex min-h-0 min-w-0">
      <div className="flex min-w-0 flex-1 flex-col">
        <ConversationHeader peer={peer} blocked={blocked}>
          <IconButton
            ref={searchButton}
            label={t("search.title")}
            aria-keyshortcuts="Control+F Meta+F"
            aria-expanded={searching}
            onClick={toggleSearch}
            // Whoever clicks types at once: the field should be there.
            onPointerEnter={() => void loadSearchPanel().catch(() => undefined)}
          >
            <Search size={20} aria-hidden />
          </IconButton>
        </ConversationHeader>
        <MessageList
          peerId={peerId}
          conversation={conversation}
          peerName={peerName}
          canWrite={canWrite}
          history={history}
          jump={jump}
          onReply={onReply}
          onEdit={onEdit}
          onJump={jumpTo}
        />
        {gone && <Notice text={t("chats.gone")} />}
        {blocked && !gone && <Notice text={t("chats.blocked")} action={t("chats.unblock")} onAction={() => void unblock()} />}
        {canWrite && (
          <MessageInput
            peerId={peerId}
            mode={mode}
            authorName={mode.kind === "reply" && mode.message.sender_id === me ? t("messages.you") : peerName}
            tray={tray}
            onModeChange={setMode}
            onEditLast={editLast}
            onSaveEdit={actions.edit}
          />
        )}
        <DropZone enabled={canWrite && mode.kind !== "edit"} onFiles={(files) => void tray.add(files)} />
      </div>
      {searching && (
        <Suspense fallback={null}>
          <SearchPanel
            peerId={peerId}
            onJump={(messageId) => {
              makeRoom();
              jumpTo(messageId);
            }}
            onPick={makeRoom}
            onClose={closeSearch}
          />
        </Suspense>
      )}
    </main>
  );
}
