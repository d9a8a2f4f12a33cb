import { type QueryClient, notifyManager } from "@tanstack/react-query";
import { toApiError } from "@/api/errors";
import type { Message } from "@/api/types";
import { type ConversationList, type History, type Patch, type View, applyEvent, peerOf } from "./apply";

export const keys = {
  me: ["me"] as const,
  conversations: ["conversations"] as const,
  moreConversations: (cursor: string | null) => ["more-conversations", ...(cursor === null ? [] : [cursor])] as const,
  /** The one with this person: below the list, so that all of them can be asked for again. */
  conversation: (peerId: number) => ["conversations", peerId] as const,
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
    aside: (peerId) => client.getQueryData<ConversationList>(keys.conversation(peerId)),
    history: (peerId) => client.getQueryData<History>(keys.history(peerId)),
  };
}

export function writePatches(client: QueryClient, patches: Patch[]): void {
  for (const patch of patches) {
    if (patch.kind === "list") client.setQueryData(keys.conversations, patch.data);
    else if (patch.kind === "aside") client.setQueryData(keys.conversation(patch.peerId), patch.data);
    else if (patch.kind === "history") client.setQueryData(keys.history(patch.peerId), patch.data);
    else if (patch.key === "user" || patch.key === "conversation") void client.invalidateQueries({ queryKey: keys[patch.key](patch.id) });
    else void client.invalidateQueries({ queryKey: keys[patch.key], exact: true });
  }
}

/** The answer to one's own call is shown at once; the event that follows finds it already there. */
export function writeMessage(client: QueryClient, me: number, message: Message, isNew: boolean): void {
  const patches = applyEvent(viewOf(client, me), { seq: 0, type: isNew ? "message.created" : "message.updated", data: message });
  writePatches(client, patches.filter(({ kind }) => kind !== "refetch"));
}

/** Resolves when nothing of this conversation is still to be read, or nobody looks at it any more. */
function whenRead(client: QueryClient, peerId: number): Promise<void> {
  const cache = client.getQueryCache();
  const query = cache.find({ queryKey: keys.history(peerId) });
  const isSettled = () => !query?.getObserversCount() || (query.state.data !== undefined && query.state.fetchStatus === "idle");
  if (isSettled()) return Promise.resolve();
  return new Promise((resolve) => {
    const unsubscribe = cache.subscribe(() => {
      if (!isSettled()) return;
      unsubscribe();
      resolve();
    });
  });
}

function hasMessage(client: QueryClient, peerId: number, id: number): boolean {
  const history = client.getQueryData<History>(keys.history(peerId));
  return history?.pages.some(({ items }) => items.some((item) => item.id === id)) ?? false;
}

/**
 * Shows one's own new message. Resolves when whoever looks at its conversation has it. That may take two attempts, because
 * a page that is being read just now can be older than the message, and takes the place of what is in the cache.
 */
export async function showMessage(client: QueryClient, me: number, message: Message): Promise<void> {
  const peerId = peerOf(message, me);
  // What is there already is not older, and may have reactions.
  if (!hasMessage(client, peerId, message.id)) writeMessage(client, me, message, true);
  await whenRead(client, peerId);
  if (!hasMessage(client, peerId, message.id)) writeMessage(client, me, message, true);
  // Whoever looks is told a moment later, in the order of changes.
  await new Promise<void>((resolve) => notifyManager.schedule(resolve));
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

/** A connection is there again: what is on the screen and could not be had for want of one is asked for once more. */
export function retryFailed(client: QueryClient): void {
  void client.refetchQueries({ type: "active", predicate: ({ state }) => state.status === "error" && toApiError(state.error).isTransient });
}
