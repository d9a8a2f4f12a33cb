import { clsx } from "clsx";
import { Files, Image } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import type { Conversation } from "@/api/types";
import { FileIcon } from "@/components/ui/FileIcon";
import { StateTick } from "@/components/ui/StateTick";
import { type Summary, summarise } from "@/i18n/summary";
import { stateOf } from "@/lib/delivery";
import type { OutboxItem } from "@/realtime/database";
import { useEngine, useOutboxItems } from "@/realtime/provider";
import { useTyping } from "@/realtime/useTyping";

const LINE = "min-w-0 flex-1 truncate";

/** What is still on its way, as the message it will be. */
function pendingSummary(item: OutboxItem) {
  const attachments = item.files.map(({ name, type }) => ({ filename: name, thumbnail_url: type.startsWith("image/") ? "" : null }));
  return { text: item.text, deleted_at: null, attachments };
}

function SummaryIcon({ summary }: { summary: Summary }) {
  const icon = { size: 15, className: "mr-1 inline-block shrink-0 align-[-0.15em]", "aria-hidden": true } as const;
  if (summary.kind === "photos") return <Image {...icon} />;
  if (summary.kind === "files") return <Files {...icon} />;
  if (summary.kind !== "file") return null;
  return <span className="mr-1 inline-block align-[-0.15em]"><FileIcon type="" name={summary.text} size={15} /></span>;
}

function Said({ summary, prefix, children }: { summary: Summary; prefix: string | null; children?: ReactNode }) {
  return (
    <>
      {children}
      <span className={clsx(LINE, summary.kind === "deleted" && "italic")}>
        {prefix && <span>{prefix} </span>}
        <SummaryIcon summary={summary} />
        {summary.text}
      </span>
    </>
  );
}

/** The unsent text. In the conversation that is open it is in the composer already. */
function useDraftText(peerId: number, active: boolean): string {
  const { drafts } = useEngine();
  const draft = useStore(drafts.texts, (texts) => texts[peerId] ?? "");
  return active ? "" : draft.replaceAll(/\s+/g, " ").trim();
}

/** The second line of a conversation in the list: what matters most of typing, a draft, what is being sent, what was said. */
export function Preview({ conversation, active }: { conversation: Conversation; active: boolean }) {
  const { t } = useTranslation();
  const { me } = useEngine();
  const { peer, last_message: last } = conversation;
  const typing = useTyping(peer.id);
  const draft = useDraftText(peer.id, active);
  // The outbox shows a message until its conversation has it; the list may have it before.
  const waiting = useOutboxItems().findLast((item) => item.peer_id === peer.id && item.client_id !== last.client_id);

  if (typing) return <span className={clsx(LINE, "text-accent")}>{t("chats.typing")}</span>;
  if (draft) {
    return (
      <span className={LINE}>
        <span className="font-medium text-danger">{t("chats.draft")} </span>
        {draft}
      </span>
    );
  }
  const prefix = peer.id === me ? null : t("chats.you");
  if (waiting) {
    return (
      <Said summary={summarise(pendingSummary(waiting), t)} prefix={prefix}>
        <StateTick state={waiting.failed_code === null ? "sending" : "failed"} />
      </Said>
    );
  }
  const mine = last.sender_id === me && !last.deleted_at;
  return (
    <Said summary={summarise(last, t)} prefix={mine ? prefix : null}>
      {mine && <StateTick state={stateOf(last, conversation)} />}
    </Said>
  );
}
