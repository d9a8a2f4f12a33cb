import { useTranslation } from "react-i18next";
import { showToast } from "@/components/ui/toasts";
import { useEngine } from "@/realtime/provider";

/** Sends what is in the composer of one conversation. Never waits: the outbox carries text and files from here on. */
export function useSend(peerId: number) {
  const { t } = useTranslation();
  const { outbox, drafts, trays } = useEngine();

  /** `onKept` is called when the browser could not keep the message, after everything is back in the composer. */
  return (text: string, replyToId: number | null, onKept: () => void) => {
    const files = trays.take(peerId);
    drafts.write(peerId, "");
    const message = { peer_id: peerId, text: text.trim() === "" ? null : text, files, reply_to_id: replyToId };
    outbox.add(message).catch(() => {
      drafts.putBack(peerId, text);
      trays.putBack(peerId, files);
      onKept();
      showToast("failed", t("errors.not_stored"));
    });
  };
}
