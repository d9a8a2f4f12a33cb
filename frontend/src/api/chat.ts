import "./client";
import * as sdk from "./generated/chat/sdk.gen";
import type {
  ConversationPage,
  FileLimits,
  JournalEvent,
  Message,
  MessagePage,
  NewMessage,
  SearchPage,
  SyncPage,
  User,
} from "./types";

const PAGE = 50;

export async function listConversations(cursor: string | null, signal?: AbortSignal): Promise<ConversationPage> {
  const query = { limit: PAGE, ...(cursor === null ? {} : { cursor }) };
  return (await sdk.listConversations({ query, signal, throwOnError: true })).data;
}

/** Only the one with this person; nothing when we have never written to each other. */
export async function listConversationsWith(userId: number, signal?: AbortSignal): Promise<ConversationPage> {
  return (await sdk.listConversations({ query: { peer_id: userId }, signal, throwOnError: true })).data;
}

/** Which part of a history: before or after a message (without it), or around it (with it); null is the newest part. */
export type HistoryPlace = { before: number } | { after: number } | { around: number } | null;

export async function listMessages(userId: number, place: HistoryPlace, signal?: AbortSignal): Promise<MessagePage> {
  return (await sdk.listMessages({ path: { user_id: userId }, query: { limit: PAGE, ...place }, signal, throwOnError: true })).data;
}

/** With one person, or (null) with everybody; newest first. */
export async function searchMessages(words: string, peerId: number | null, cursor: string | null, signal?: AbortSignal): Promise<SearchPage> {
  const query = { q: words, ...(peerId === null ? {} : { peer_id: peerId }), ...(cursor === null ? {} : { cursor }) };
  return (await sdk.searchMessages({ query, signal, throwOnError: true })).data;
}

/** The first message at this time or later; null when everything is older. */
export async function findMessageAt(userId: number, time: Date): Promise<number | null> {
  const query = { time: time.toISOString() };
  return (await sdk.findPlace({ path: { user_id: userId }, query, throwOnError: true })).data.message_id;
}

export async function sendMessage(body: NewMessage): Promise<Message> {
  return (await sdk.sendMessage({ body, throwOnError: true })).data;
}

export async function editMessage(messageId: number, text: string, revision: number): Promise<Message> {
  return (await sdk.editMessage({ path: { message_id: messageId }, body: { text, revision }, throwOnError: true })).data;
}

export async function deleteMessage(messageId: number): Promise<void> {
  await sdk.deleteMessage({ path: { message_id: messageId }, throwOnError: true });
}

export async function setReaction(messageId: number, emoji: string, on: boolean): Promise<void> {
  const path = { message_id: messageId, emoji };
  await (on ? sdk.addReaction({ path, throwOnError: true }) : sdk.removeReaction({ path, throwOnError: true }));
}

export async function markRead(userId: number, messageId: number): Promise<void> {
  await sdk.markRead({ path: { user_id: userId }, body: { message_id: messageId }, throwOnError: true });
}

export async function setBlocked(userId: number, blocked: boolean): Promise<void> {
  const path = { user_id: userId };
  await (blocked ? sdk.block({ path, throwOnError: true }) : sdk.unblock({ path, throwOnError: true }));
}

export async function listBlocked(): Promise<User[]> {
  return (await sdk.listBlocks({ throwOnError: true })).data;
}

/** Without a position: no events, only where the journal stands. */
export async function readJournal(
  position: { since: number; epoch: string } | null,
): Promise<Omit<SyncPage, "events"> & { events: JournalEvent[] }> {
  const page = (await sdk.sync({ query: position ?? {}, throwOnError: true })).data;
  return { ...page, events: page.events as JournalEvent[] };
}

/** What the server takes, so that nobody waits for an upload that will be refused. */
export async function readFileLimits(): Promise<FileLimits> {
  return (await sdk.readFileLimits({ timeout: 5000, throwOnError: true })).data;
}
