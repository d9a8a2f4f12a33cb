import type { InfiniteData } from "@tanstack/react-query";
import type { HistoryPlace } from "@/api/chat";
import type { Conversation, ConversationPage, JournalEvent, Message, MessagePage } from "@/api/types";
import type { Fresh } from "./readFresh";

/**
 * A gapless part of a conversation. pages[0] is its newest page, which need not reach the present; the next ones go back
 * in time. Inside a page ids ascend.
 */
export type History = InfiniteData<MessagePage, HistoryPlace>;

/** Conversations, newest first, as far as they are loaded. */
export interface ConversationList {
  pages: ConversationPage[];
}

export interface View {
  me: number;
  list: ConversationList | undefined;
  /** Only the conversation with this person, which may be further down in the list; or nothing, if there is none. */
  aside(peerId: number): ConversationList | undefined;
  history(peerId: number): History | undefined;
}

export type Patch =
  | { kind: "list"; data: ConversationList }
  | { kind: "aside"; peerId: number; data: ConversationList }
  | { kind: "history"; peerId: number; data: History }
  | { kind: "refetch"; key: "conversations" | "blocks" | "me" }
  | { kind: "refetch"; key: "conversation" | "user"; id: number };

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
type MarkEvent = Extract<JournalEvent, { type: "conversation.read" | "conversation.delivered" }>;

function isMessageEvent(event: JournalEvent): event is MessageEvent {
  return event.type.startsWith("message.");
}

/** Whose conversation with me it is about; null for what this version has no screen for. */
function personOf(event: JournalEvent, me: number): number | null {
  switch (event.type) {
    case "message.created":
    case "message.updated":
    case "message.deleted":
      return peerOf(event.data, me);
    case "conversation.read":
    case "conversation.delivered":
      return event.data.user_id === me ? event.data.peer_id : event.data.user_id;
    case "block.changed":
      return event.data.user_id;
    case "user.updated":
      return event.data.id;
    default:
      return null;
  }
}

export function findConversation(list: ConversationList | undefined, peerId: number): Conversation | undefined {
  return list?.pages.flatMap((page) => page.items).find((item) => item.peer.id === peerId);
}

function replaceIn(list: ConversationList, changed: Conversation): ConversationList {
  const replace = (items: Conversation[]) => items.map((item) => (item.peer.id === changed.peer.id ? changed : item));
  return { pages: list.pages.map((page) => ({ ...page, items: replace(page.items) })) };
}

function putOnTop(list: ConversationList, changed: Conversation): ConversationList {
  const others = (items: Conversation[]) => items.filter((item) => item.peer.id !== changed.peer.id);
  return { pages: list.pages.map((page, index) => ({ ...page, items: index === 0 ? [changed, ...others(page.items)] : others(page.items) })) };
}

/** Adds the next page; a conversation that moved up meanwhile is in the list already. */
export function extendList(list: ConversationList, page: ConversationPage): ConversationList {
  const known = new Set(list.pages.flatMap(({ items }) => items.map(({ peer }) => peer.id)));
  return { pages: [...list.pages, { ...page, items: page.items.filter(({ peer }) => !known.has(peer.id)) }] };
}

function messageIn(item: Conversation, event: MessageEvent, me: number): Fresh<Conversation> {
  const message = event.data;
  const { last_message: last } = item;
  const isUnread = message.sender_id !== me && message.id > (item.my_read_id ?? 0);
  if (event.type === "message.created") {
    // One's own may be shown by the answer to it, before what came in between: then nobody here has counted that.
    if (last.id >= message.id) return { data: item, isSure: !isUnread || last.id === message.id || last.sender_id !== me };
    return { data: { ...item, last_message: message, unread_count: item.unread_count + (isUnread ? 1 : 0) }, isSure: true };
  }
  const data = last.id === message.id && isNewer(message, last) ? { ...item, last_message: message } : item;
  // How many unread ones are left only the server knows: the page with this message may never have been loaded.
  return { data, isSure: event.type !== "message.deleted" || !isUnread };
}

/** How many are unread after the mark moved there; null when what is loaded does not tell. */
function unreadAfter(conversation: Conversation, mark: number, history: History | undefined): number | null {
  if (conversation.last_message.id <= mark) return 0;
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

function markIn(item: Conversation, event: MarkEvent, me: number, history: History | undefined): Fresh<Conversation> {
  const { user_id, message_id } = event.data;
  const isRead = event.type === "conversation.read";
  if (user_id !== me) {
    const peer_delivered_id = furthest(item.peer_delivered_id, message_id);
    const peer_read_id = isRead ? furthest(item.peer_read_id, message_id) : item.peer_read_id;
    return { data: { ...item, peer_delivered_id, peer_read_id }, isSure: true };
  }
  if (!isRead || message_id <= (item.my_read_id ?? 0)) return { data: item, isSure: true };
  const unread = unreadAfter(item, message_id, history);
  return { data: { ...item, my_read_id: message_id, unread_count: unread ?? item.unread_count }, isSure: unread !== null };
}

function changeConversation(item: Conversation, event: JournalEvent, me: number, history: History | undefined): Fresh<Conversation> {
  if (isMessageEvent(event)) return messageIn(item, event, me);
  switch (event.type) {
    case "conversation.read":
    case "conversation.delivered":
      return markIn(item, event, me, history);
    case "block.changed":
      return { data: { ...item, blocked: event.data.blocked }, isSure: true };
    case "user.updated":
      return { data: { ...item, peer: event.data }, isSure: true };
    default:
      return { data: item, isSure: true };
  }
}

interface Known {
  /** The conversation itself, if it is not in the list. */
  aside?: Conversation | undefined;
  history?: History | undefined;
}

function changeList(list: ConversationList, event: JournalEvent, me: number, { aside, history }: Known = {}): Fresh<ConversationList> {
  const peerId = personOf(event, me);
  const listed = peerId === null ? undefined : findConversation(list, peerId);
  const isNew = event.type === "message.created";
  // Somebody new, or from further down: only a new message brings them into the list.
  const known = listed ?? (isNew ? aside : undefined);
  if (!known) return { data: list, isSure: !isNew };
  const { data: changed, isSure } = changeConversation(known, event, me, history);
  if (changed === listed) return { data: list, isSure };
  return { data: isNew ? putOnTop(list, changed) : replaceIn(list, changed), isSure };
}

/**
 * Brings up to date what was asked for before these events were applied; each of them may be in it already. What is
 * loaded of histories is of today and would be counted twice: it is not looked at.
 */
export function freshenList(
  list: ConversationList,
  events: JournalEvent[],
  me: number,
  isWanted: (peerId: number) => boolean = () => true,
): Fresh<ConversationList> {
  return events.reduce<Fresh<ConversationList>>(
    (before, event) => {
      const peerId = personOf(event, me);
      if (peerId === null || !isWanted(peerId)) return before;
      const after = changeList(before.data, event, me);
      return { data: after.data, isSure: before.isSure && after.isSure };
    },
    { data: list, isSure: true },
  );
}

function patchLists(view: View, peerId: number, event: JournalEvent): Patch[] {
  const patches: Patch[] = [];
  const history = view.history(peerId);
  const aside = view.aside(peerId);
  if (view.list) {
    const { data, isSure } = changeList(view.list, event, view.me, { aside: findConversation(aside, peerId), history });
    if (data !== view.list) patches.push({ kind: "list", data });
    if (!isSure) patches.push({ kind: "refetch", key: "conversations" });
  }
  if (aside) {
    const { data, isSure } = changeList(aside, event, view.me, { history });
    if (data !== aside) patches.push({ kind: "aside", peerId, data });
    if (!isSure) patches.push({ kind: "refetch", key: "conversation", id: peerId });
  }
  return patches;
}

/** What one journal event changes in what is on the screen. Pure: the caller writes the patches into the query cache. */
export function applyEvent(view: View, event: JournalEvent): Patch[] {
  const peerId = personOf(event, view.me);
  // A newer server may tell things this version has no screen for.
  if (peerId === null) return [];
  const patches = patchLists(view, peerId, event);
  const history = view.history(peerId);
  if (isMessageEvent(event) && history) {
    patches.push({ kind: "history", peerId, data: mergeIntoHistory(history, event.data, event.type === "message.created") });
  }
  if (event.type === "block.changed") patches.push({ kind: "refetch", key: "blocks" });
  if (event.type === "user.updated") patches.push({ kind: "refetch", key: "user", id: peerId });
  if (event.type === "user.updated" && peerId === view.me) patches.push({ kind: "refetch", key: "me" });
  return patches;
}
