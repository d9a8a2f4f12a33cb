import { clsx } from "clsx";
import { NotebookPen, Search } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { DropZone } from "@/features/composer/DropZone";
import { useFindPeople } from "@/features/people/findPeople";
import { useEngine } from "@/realtime/provider";
import { useConversations } from "@/realtime/useConversations";
import { ConversationPane } from "./ConversationPane";
import { Sidebar } from "./Sidebar";

const MAX_ID_DIGITS = 15;

function parseUserId(text: string | undefined): number | null {
  return text && /^[1-9]\d*$/.test(text) && text.length <= MAX_ID_DIGITS ? Number(text) : null;
}

/** Beside the list, while no conversation is open. */
function Nobody({ firstVisit }: { firstVisit: boolean }) {
  const { t } = useTranslation();
  const { me } = useEngine();
  const navigate = useNavigate();
  const findPeople = useFindPeople();
  return (
    <EmptyState title={t(firstVisit ? "chats.welcomeTitle" : "chats.pickTitle")} text={t(firstVisit ? "chats.welcomeText" : "chats.pickText")}>
      <Button look={firstVisit ? "primary" : "quiet"} onClick={findPeople}>
        <Search size={18} aria-hidden />
        {t("chats.find")}
      </Button>
      {firstVisit && (
        <Button look="quiet" onClick={() => void navigate(`/chat/${me}`)}>
          <NotebookPen size={18} aria-hidden />
          {t("people.me")}
        </Button>
      )}
    </EmptyState>
  );
}

export default function Chat() {
  const { t } = useTranslation();
  const { userId } = useParams();
  const engine = useEngine();
  const { conversations, isSuccess } = useConversations();
  const peerId = parseUserId(userId);

  const watched = [...(peerId === null ? [] : [peerId]), ...conversations.map(({ peer }) => peer.id)].join();
  useEffect(() => engine.watch(watched ? watched.split(",").map(Number) : []), [engine, watched]);

  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,1fr)] md:grid-cols-[minmax(17rem,22rem)_minmax(0,1fr)]">
      <Sidebar here={peerId} className={clsx("min-h-0 flex-col border-r border-line bg-surface md:flex", userId ? "hidden" : "flex")} />
      {peerId === null ? (
        <main className={clsx("stitched place-items-center md:grid", userId ? "grid" : "hidden")}>
          <DropZone enabled={false} onFiles={() => undefined} />
          <h1 className="sr-only">{t("chats.title")}</h1>
          {userId ? (
            <EmptyState title={t("chats.unknownTitle")} text={t("chats.unknownText")} />
          ) : (
            <Nobody firstVisit={isSuccess && conversations.length === 0} />
          )}
        </main>
      ) : (
        <ConversationPane key={peerId} peerId={peerId} />
      )}
    </div>
  );
}
