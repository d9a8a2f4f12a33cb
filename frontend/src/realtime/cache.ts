import type { QueryClient } from "@tanstack/react-query";
import type { Message } from "@/api/types";
import { type ConversationList, type History, type Patch, type View, createdInList, mergeIntoHistory, peerOf } from "./apply";

export const keys = {
  me: ["me"] as const,
  conversations: ["conversations"] as const,
  moreConversations: (cursor: string | null) => ["more-conversations", ...(cursor === null ? [] : [cursor])] as const,
  conversation: (peerId: number) => ["conversation", peerId] as const,
  blocks: ["blocks"] as const,
  sessions: ["sessions"] as const,
  history: (peerId: number) => ["history", peerId] as const,
  user: (id: number) => ["user", id] as const,
  people: (query: string) => ["people", query] as const,
  search: (words: string, peerId: number | null) => ["search", peerId, words] as const,
};

export function viewOf(client: QueryClient, me: number): View {
  return {
    me,
    list: client.getQueryData<ConversationList>(keys.conversations),
    history: (peerId) => client.getQueryData<History>(keys.history(peerId)),
  };
}

export function writePatches(client: QueryClient, patches: Patch[]): void {
  for (const patch of patches) {
    if (patch.kind === "list") client.setQueryData(keys.conversations, patch.data);
    else if (patch.kind === "history") client.setQueryData(keys.history(patch.peerId), patch.data);
    else if (patch.key === "user") void client.invalidateQueries({ queryKey: keys.user(patch.id ?? 0) });
    else void client.invalidateQueries({ queryKey: keys[patch.key] });
  }
}

/** The answer to one's own call is shown at once; the event that follows finds it already there. */
export function writeMessage(client: QueryClient, me: number, message: Message, isNew: boolean): void {
  const peerId = peerOf(message, me);
  client.setQueryData<History>(keys.history(peerId), (history) => history && mergeIntoHistory(history, message, isNew));
  if (isNew) client.setQueryData<ConversationList>(keys.conversations, (list) => list && createdInList(list, message, me));
}

/** Changes a message as it is in the cache now, which may be newer than the one the caller saw. */
export function changeMessage(client: QueryClient, peerId: number, id: number, change: (message: Message) => Message): void {
  client.setQueryData<History>(keys.history(peerId), (history) => history && {
    ...history,
    pages: history.pages.map((page) => ({ ...page, items: page.items.map((item) => (item.id === id ? change(item) : item)) })),
  });
}

/** The journal is not continuous any more: what is on the screen is reloaded, one page of each history. */
export function refetchEverything(client: QueryClient): void {
  client.setQueriesData<History>({ queryKey: ["history"] }, (history) =>
    history && { pages: history.pages.slice(0, 1), pageParams: history.pageParams.slice(0, 1) },
  );
  void client.invalidateQueries();
}
