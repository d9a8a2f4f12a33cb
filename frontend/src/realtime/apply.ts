import type { InfiniteData } from "@tanstack/react-query";
import type { HistoryPlace } from "@/api/chat";
import type { Conversation, ConversationPage, JournalEvent, MarkMoved, Message, MessagePage } from "@/api/types";

/**
 * A gapless part of a conversation. pages[0] is its newest page, which need not reach the present; the next ones go back
 * in time. Inside a page ids ascend.
 */
export type History = InfiniteData<MessagePage, HistoryPlace>;

/** The newest conversations, as far as they are loaded. */
export interface ConversationList {
  pages: ConversationPage[];
  /** Those on the screen that are further down than that. */
  aside: Conversation[];
}

export interface View {
  me: number;
  list: ConversationList | undefined;
  history(peerId: number): History | undefined;
}

export type Patch =
  | { kind: "list"; data: ConversationList }
  | { kind: "history"; peerId: number; data: History }
  | { kind: "refetch"; key: "conversations" | "blocks" | "me" | "user"; id?: number };

export function peerOf(message: Message, me: number): number {
  return message.sender_id === me ? message.receiver_id : message.sender_id;
}

function isNewer(candidate: Message, known: Message): boolean {
  return candidate.revision >= known.revision && !(known.deleted_at && !candidate.deleted_at);
}

/** Replaces the message where it is known; adds it only if `canAppend` (it is new, and the page reaches the present). */
export function mergeIntoPage(page: MessagePage, message: Message, canAppend: boolean): MessagePage {
  const index = page.items.findIndex((item) => item.id === message.id);
  if (index >= 0) {
    const known = page.items[index];
    if (!known || !isNewer(message, known)) return page;
    return { ...page, items: page.items.with(index, message) };
  }
  const oldest = page.items[0];
  if (!canAppend || (page.has_more_before && oldest && message.id < oldest.id)) return page;
  const after = page.items.findIndex((item) => item.id > message.id);
  return { ...page, items: page.items.toSpliced(after < 0 ? page.items.length : after, 0, message) };
}

export function mergeIntoHistory(history: History, message: Message, canAppend: boolean): History {
  const pages = history.pages.map((page, index) => mergeIntoPage(page, message, canAppend && index === 0 && !page.has_more_after));
  return { ...history, pages };
}

/** Adds the page that was asked for with `place`, unless the history was replaced by another part since. */
export function extendHistory(history: History, page: MessagePage, place: HistoryPlace): History {
  const { pages, pageParams } = history;
  const oldest = pages.at(-1)?.items[0]?.id;
  const newest = pages[0]?.items.at(-1)?.id;
  if (place && "before" in place && place.before === oldest) return { pages: [...pages, page], pageParams: [...pageParams, place] };
  if (place && "after" in place && place.after === newest) return { pages: [page, ...pages], pageParams: [place, ...pageParams] };
  return history;
}

/** No message is newer than the newest one here. */
export function reachesPresent(history: History): boolean {
  return history.pages[0]?.has_more_after === false;
}

/** A page that was asked for before these events were applied: brings it up to date with the rest of the cache. */
export function freshenPage(page: MessagePage, events: JournalEvent[], me: number, peerId: number): MessagePage {
  return events.reduce((current, event) => {
    if (!isMessageEvent(event) || peerOf(event.data, me) !== peerId) return current;
    return mergeIntoPage(current, event.data, !page.has_more_after && event.type === "message.created");
  }, page);
}

type MessageEvent = Extract<JournalEvent, { data: Message }>;

function isMessageEvent(event: JournalEvent): event is MessageEvent {
  return event.type.startsWith("message.");
}

function mapConversation(list: ConversationList, peerId: number, change: (item: Conversation) => Conversation): ConversationList {
  const map = (items: Conversation[]) => items.map((item) => (item.peer.id === peerId ? change(item) : item));
  return { pages: list.pages.map((page) => ({ ...page, items: map(page.items) })), aside: map(list.aside) };
}

export function findConversation(list: ConversationList | undefined, peerId: number): Conversation | undefined {
  return list && [...list.pages.flatMap((page) => page.items), ...list.aside].find((item) => item.peer.id === peerId);
}

function moveToTop(list: ConversationList, peerId: number): ConversationList {
  const found = findConversation(list, peerId);
  if (!found) return list;
  const others = (items: Conversation[]) => items.filter((item) => item.peer.id !== peerId);
  const pages = list.pages.map((page, index) => ({ ...page, items: index === 0 ? [found, ...others(page.items)] : others(page.items) }));
  return { pages, aside: others(list.aside) };
}

/** Adds the next page; a conversation that moved up meanwhile is in the list already. */
export function extendList(list: ConversationList, page: ConversationPage): ConversationList {
  const known = new Set(list.pages.flatMap(({ items }) => items.map(({ peer }) => peer.id)));
  const added = { ...page, items: page.items.filter(({ peer }) => !known.has(peer.id)) };
  return { pages: [...list.pages, added], aside: list.aside.filter((item) => !added.items.some(({ peer }) => peer.id === item.peer.id)) };
}

/** Brings up to date what was asked for before these events were applied; each of them may be in it already. */
export function freshenList(list: ConversationList, events: JournalEvent[], view: Omit<View, "list">): ConversationList {
  return events.reduce((current, event) => {
    const changed = applyEvent({ ...view, list: current }, event).find((patch) => patch.kind === "list");
    return changed?.data ?? current;
  }, list);
}

export function createdInList(list: ConversationList, message: Message, me: number): ConversationList {
  const peerId = peerOf(message, me);
  const known = findConversation(list, peerId)?.last_message;
  if (known && known.id >= message.id) return list;
  const incoming = message.sender_id !== me;
  const changed = mapConversation(list, peerId, (item) => ({
    ...item,
    last_message: message,
    unread_count: incoming && message.id > (item.my_read_id ?? 0) ? item.unread_count + 1 : item.unread_count,
  }));
  return moveToTop(changed, peerId);
}

function applyMessage(view: View, event: MessageEvent): Patch[] {
  const message = event.data;
  const peerId = peerOf(message, view.me);
  const patches: Patch[] = [];
  const history = view.history(peerId);
  if (history) {
    patches.push({ kind: "history", peerId, data: mergeIntoHistory(history, message, event.type === "message.created") });
  }
  if (!view.list) return patches;
  const conversation = findConversation(view.list, peerId);
  if (!conversation) return [...patches, { kind: "refetch", key: "conversations" }];
  if (event.type === "message.created") return [...patches, { kind: "list", data: createdInList(view.list, message, view.me) }];
  if (conversation.last_message.id === message.id) {
    patches.push({ kind: "list", data: mapConversation(view.list, peerId, (item) => ({ ...item, last_message: message })) });
  }
  const wasUnread = message.sender_id === peerId && peerId !== view.me && message.id > (conversation.my_read_id ?? 0);
  // How many unread ones are left only the server knows: the page with this message may never have been loaded.
  if (event.type === "message.deleted" && wasUnread) patches.push({ kind: "refetch", key: "conversations" });
  return patches;
}

/** How many are unread after the mark moved there; null when what is loaded does not tell. */
function unreadAfter(view: View, conversation: Conversation, mark: number): number | null {
  if (conversation.last_message.id <= mark) return 0;
  const history = view.history(conversation.peer.id);
  const items = history?.pages.flatMap((page) => page.items) ?? [];
  const countBetween = (from: number, to: number) =>
    items.filter(({ id, sender_id, deleted_at }) => id > from && id <= to && sender_id === conversation.peer.id && !deleted_at).length;
  if (!history || !items.some(({ id }) => id <= mark)) return null;
  if (reachesPresent(history)) return countBetween(mark, Infinity);
  // In the middle of the past: what was read just now is known if the old mark is in sight too.
  const before = conversation.my_read_id ?? 0;
  const knowsBefore = items.some(({ id }) => id <= before) || history.pages.at(-1)?.has_more_before === false;
  const knowsMark = items.some(({ id }) => id >= mark);
  return knowsBefore && knowsMark ? conversation.unread_count - countBetween(before, mark) : null;
}

const furthest = (known: number | null, mark: number): number => Math.max(known ?? 0, mark);

function applyMark(view: View, kind: "read" | "delivered", mark: MarkMoved): Patch[] {
  const mine = mark.user_id === view.me;
  const peerId = mine ? mark.peer_id : mark.user_id;
  const conversation = findConversation(view.list, peerId);
  if (!view.list || !conversation) return [];
  const change = (fields: Partial<Conversation>): Patch[] =>
    view.list ? [{ kind: "list", data: mapConversation(view.list, peerId, (item) => ({ ...item, ...fields })) }] : [];
  const delivered = furthest(conversation.peer_delivered_id, mark.message_id);
  if (!mine && kind === "delivered") return change({ peer_delivered_id: delivered });
  if (!mine) return change({ peer_delivered_id: delivered, peer_read_id: furthest(conversation.peer_read_id, mark.message_id) });
  if (kind === "delivered") return [];
  const my_read_id = furthest(conversation.my_read_id, mark.message_id);
  const unread = unreadAfter(view, conversation, my_read_id);
  if (unread !== null) return change({ my_read_id, unread_count: unread });
  return [...change({ my_read_id }), { kind: "refetch", key: "conversations" }];
}

/** What one journal event changes in what is on the screen. Pure: the caller writes the patches into the query cache. */
export function applyEvent(view: View, event: JournalEvent): Patch[] {
  switch (event.type) {
    case "message.created":
    case "message.updated":
    case "message.deleted":
      return applyMessage(view, event);
    case "conversation.read":
      return applyMark(view, "read", event.data);
    case "conversation.delivered":
      return applyMark(view, "delivered", event.data);
    case "block.changed": {
      const { user_id, blocked } = event.data;
      const patches: Patch[] = [{ kind: "refetch", key: "blocks" }];
      if (view.list) patches.push({ kind: "list", data: mapConversation(view.list, user_id, (item) => ({ ...item, blocked })) });
      return patches;
    }
    case "user.updated": {
      const peer = event.data;
      const patches: Patch[] = [{ kind: "refetch", key: "user", id: peer.id }];
      if (peer.id === view.me) patches.push({ kind: "refetch", key: "me" });
      if (view.list) patches.push({ kind: "list", data: mapConversation(view.list, peer.id, (item) => ({ ...item, peer })) });
      return patches;
    }
    default:
      // A newer server may tell things this version has no screen for.
      return [];
  }
}
