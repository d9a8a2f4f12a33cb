import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { deleteMessage, editMessage, setReaction } from "@/api/chat";
import { toApiError } from "@/api/errors";
import type { Message } from "@/api/types";
import { showToast } from "@/components/ui/toasts";
import { explain } from "@/i18n/errors";
import { peerOf } from "@/realtime/apply";
import { changeMessage, writeMessage } from "@/realtime/cache";
import { useEngine } from "@/realtime/provider";

function withReaction(message: Message, me: number, emoji: string, on: boolean): Message {
  const others = message.reactions.map((reaction) =>
    reaction.emoji === emoji ? { ...reaction, user_ids: reaction.user_ids.filter((id) => id !== me) } : reaction,
  );
  const known = others.some((reaction) => reaction.emoji === emoji);
  const added = known ? others : [...others, { emoji, user_ids: [] }];
  const reactions = on
    ? added.map((reaction) => (reaction.emoji === emoji ? { ...reaction, user_ids: [...reaction.user_ids, me] } : reaction))
    : others;
  return { ...message, reactions: reactions.filter((reaction) => reaction.user_ids.length > 0) };
}

/** What one may do with a message that is already there. Each says in words why it did not work. */
export function useMessageActions() {
  const { t } = useTranslation();
  const { me } = useEngine();
  const client = useQueryClient();

  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
    try {
      return await work();
    } catch (error) {
      showToast("failed", explain(toApiError(error), t));
      return null;
    }
  };
  const show = (message: Message) => writeMessage(client, me, message, false);

  return {
    edit: (message: Message, text: string) =>
      attempt(async () => {
        const edited = await editMessage(message.id, text, message.revision);
        show(edited);
        return edited;
      }),
    remove: (message: Message) =>
      attempt(async () => {
        await deleteMessage(message.id);
        const now = new Date().toISOString();
        show({ ...message, text: null, attachments: [], reactions: [], deleted_at: now, revision: message.revision + 1 });
      }),
    react: (message: Message, emoji: string) => {
      const on = !message.reactions.some((reaction) => reaction.emoji === emoji && reaction.user_ids.includes(me));
      return attempt(async () => {
        await setReaction(message.id, emoji, on);
        changeMessage(client, peerOf(message, me), message.id, (current) => withReaction(current, me, emoji, on));
      });
    },
  };
}
