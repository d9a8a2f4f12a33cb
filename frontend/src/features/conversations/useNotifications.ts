import type { TFunction } from "i18next";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Conversation } from "@/api/types";
import { nameOf } from "@/i18n/names";
import { summarise } from "@/i18n/summary";
import { choices } from "@/lib/choices";
import { notify, readPermission } from "@/lib/notifications";
import { isAnybodyLooking, standForFirst, tellWhetherLooking } from "@/lib/tabs";
import { useEngine } from "@/realtime/provider";

const LOOKING = "communication.looking";

/** What came from others since the list was last looked at. An old conversation that is loaded later is no news. */
function newsIn(conversations: readonly Conversation[], before: ReadonlyMap<number, number>, me: number): Conversation[] {
  const newest = Math.max(0, ...before.values());
  return conversations.filter(({ peer, last_message: last, unread_count }) => {
    const incoming = last.sender_id === peer.id && peer.id !== me && unread_count > 0 && !last.deleted_at;
    return incoming && last.id > (before.get(peer.id) ?? newest);
  });
}

function useTabs(me: number) {
  const first = useRef<() => boolean>(() => false);
  useEffect(() => {
    const stand = standForFirst(`communication.notify.${me}`);
    const stopTelling = tellWhetherLooking(LOOKING);
    first.current = stand.isFirst;
    return () => {
      stand.stop();
      stopTelling();
    };
  }, [me]);
  return first;
}

interface Shown {
  conversation: Conversation;
  t: TFunction;
  onClick: () => void;
}

const show = ({ conversation: { peer, last_message }, t, onClick }: Shown) =>
  notify({
    title: nameOf(peer, t),
    body: summarise(last_message, t).text,
    tag: `message-${last_message.id}`,
    url: `/chat/${peer.id}`,
    onClick,
  });

/** Tells of new messages on the desktop while nobody looks, from one tab only; takes it back when they were read elsewhere. */
export function useNotifications(conversations: readonly Conversation[], loaded: boolean): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { me } = useEngine();
  const isFirst = useTabs(me);
  const known = useRef<Map<number, number> | null>(null);
  const shown = useRef(new Map<number, (() => void)[]>());

  useEffect(() => {
    if (!loaded) return;
    const before = known.current;
    known.current = new Map(conversations.map(({ peer, last_message }) => [peer.id, last_message.id]));
    for (const { peer, unread_count, last_message } of conversations) {
      if (unread_count > 0 && !last_message.deleted_at) continue;
      for (const close of shown.current.get(peer.id) ?? []) close();
      shown.current.delete(peer.id);
    }
    if (!before || !choices.getState().notifies || readPermission() !== "granted") return;
    for (const conversation of newsIn(conversations, before, me)) {
      const { id } = conversation.peer;
      void isAnybodyLooking(LOOKING).then((looking) => {
        if (looking || !isFirst.current()) return;
        const close = show({ conversation, t, onClick: () => void navigate(`/chat/${id}`) });
        shown.current.set(id, [...(shown.current.get(id) ?? []), close]);
      });
    }
  }, [conversations, loaded, me, t, navigate, isFirst]);
}
