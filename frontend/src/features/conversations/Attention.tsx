import { useUnreadTitle } from "@/lib/title";
import { useConversations } from "@/realtime/useConversations";
import { useNotifications } from "./useNotifications";

/** Calls people back to a tab that they do not see: by its title, its icon, and on the desktop. */
export function Attention() {
  const { conversations, isSuccess } = useConversations();
  useUnreadTitle(conversations.reduce((sum, { unread_count }) => sum + unread_count, 0));
  useNotifications(conversations, isSuccess);
  return null;
}
