import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as api from "@/api/chat";
import { ApiError } from "@/api/errors";
import type { ConversationPage, JournalEvent, Message } from "@/api/types";
import { conversation, message } from "@/testing/builders";
import { applyEvent } from "./apply";
import { keys, retryFailed, viewOf, writePatches } from "./cache";
import { Sequencer } from "./sequencer";
import { useConversation, useConversations } from "./useConversations";

const ME = 1;
const engine = { me: ME, sequencer: new Sequencer() };
vi.mock("@/api/chat");
vi.mock("./provider", () => ({ useEngine: () => engine, useReady: () => true }));

const listed = vi.mocked(api.listConversations);
const listedWith = vi.mocked(api.listConversationsWith);
let client: QueryClient;

beforeEach(() => {
  engine.sequencer.start("e", 0);
  client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  vi.resetAllMocks();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function happen(type: "message.created" | "message.deleted", data: Message): void {
  const event = { seq: engine.sequencer.last + 1, type, data } as JournalEvent;
  for (const ready of engine.sequencer.accept(event)) writePatches(client, applyEvent(viewOf(client, ME), ready));
}

function page(items: ConversationPage["items"], next_cursor: string | null = null): ConversationPage {
  return { items, next_cursor };
}

/** An answer that comes when the test says so. */
function later<T>() {
  let answer: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (answer = resolve));
  return { promise, answer };
}

const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
const show = <T,>(hook: () => T) => renderHook(hook, { wrapper }).result;
const peers = (shown: { current: ReturnType<typeof useConversations> }) => shown.current.conversations.map(({ peer }) => peer.id);

test("somebody new writes while the list is read for the first time", async () => {
  const first = later<ConversationPage>();
  listed.mockReturnValueOnce(first.promise);
  listed.mockResolvedValueOnce(page([conversation(5, message(9, { sender_id: 5 })), conversation(2, message(1))]));
  const shown = show(() => useConversations());
  happen("message.created", message(9, { sender_id: 5 }));
  first.answer(page([conversation(2, message(1))]));
  await waitFor(() => expect(peers(shown)).toEqual([5, 2]));
});

test("an unread one is deleted while the list is read for the first time", async () => {
  const first = later<ConversationPage>();
  listed.mockReturnValueOnce(first.promise);
  listed.mockResolvedValueOnce(page([conversation(2, message(3), { unread_count: 2 })]));
  const shown = show(() => useConversations());
  happen("message.deleted", message(2, { text: null, deleted_at: "2026-01-05T11:00:00Z", revision: 2 }));
  first.answer(page([conversation(2, message(3), { unread_count: 3 })]));
  await waitFor(() => expect(shown.current.conversations[0]?.unread_count).toBe(2));
});

test("the journal begins anew while the list is read for the first time", async () => {
  const first = later<ConversationPage>();
  listed.mockReturnValueOnce(first.promise);
  listed.mockResolvedValueOnce(page([conversation(3, message(7))]));
  const shown = show(() => useConversations());
  engine.sequencer.start("f", 40);
  first.answer(page([conversation(2, message(1))]));
  await waitFor(() => expect(peers(shown)).toEqual([3]));
});

test("others write without a pause: there is a list, and a last look at it when they stop", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  let id = 9;
  listed.mockImplementation(async () => {
    if (id < 12) happen("message.created", message(id++, { sender_id: 5 }));
    return page([conversation(id, message(id))]);
  });
  const shown = show(() => useConversations());
  await waitFor(() => expect(peers(shown)).toEqual([12]));
  expect(listed).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(1500);
  expect(listed).toHaveBeenCalledTimes(4);
});

test("one further down gets what comes while it is asked for", async () => {
  const answer = later<ConversationPage>();
  listed.mockResolvedValue(page([conversation(3, message(8))], "more"));
  listedWith.mockReturnValue(answer.promise);
  const shown = show(() => useConversation(2));
  await waitFor(() => expect(listedWith).toHaveBeenCalledOnce());
  happen("message.created", message(9));
  answer.answer(page([conversation(2, message(1))]));
  await waitFor(() => expect(shown.current.conversation).toMatchObject({ unread_count: 1, last_message: { id: 9 } }));
});

test("a list that was being read again does not drop one further down, nor ask for it", async () => {
  listed.mockResolvedValueOnce(page([conversation(3, message(8))], "more"));
  listedWith.mockResolvedValue(page([conversation(2, message(1))]));
  const shown = show(() => useConversation(2));
  await waitFor(() => expect(shown.current.conversation).toBeDefined());
  listed.mockResolvedValueOnce(page([conversation(4, message(9))], "more"));
  await client.invalidateQueries({ queryKey: keys.conversations, exact: true });
  expect(shown.current.conversation?.peer.id).toBe(2);
  expect(listedWith).toHaveBeenCalledTimes(1);
});

test("one that falls out of the list is asked for", async () => {
  listed.mockResolvedValueOnce(page([conversation(2, message(1))], "more"));
  listedWith.mockResolvedValue(page([conversation(2, message(1))]));
  const shown = show(() => useConversation(2));
  await waitFor(() => expect(shown.current.conversation).toBeDefined());
  listed.mockResolvedValueOnce(page([conversation(4, message(9))], "more"));
  await client.invalidateQueries({ queryKey: keys.conversations, exact: true });
  await waitFor(() => expect(listedWith).toHaveBeenCalledOnce());
  await waitFor(() => expect(shown.current.conversation?.peer.id).toBe(2));
});

test("one further down is forgotten when nobody looks at it", async () => {
  listed.mockResolvedValue(page([conversation(3, message(8))], "more"));
  listedWith.mockResolvedValue(page([conversation(2, message(1))]));
  const { result, unmount } = renderHook(() => useConversation(2), { wrapper });
  await waitFor(() => expect(result.current.conversation).toBeDefined());
  unmount();
  await waitFor(() => expect(client.getQueryData(keys.conversation(2))).toBeUndefined());
});

test("to have never written to each other is an answer, no failure", async () => {
  listed.mockResolvedValue(page([conversation(3, message(8))], "more"));
  listedWith.mockResolvedValue(page([]));
  const shown = show(() => useConversation(2));
  await waitFor(() => expect(shown.current).toEqual({ conversation: undefined, settled: true, failed: false }));
});

test("what could not be asked for without a connection is asked for with one; the list is not to blame", async () => {
  listed.mockResolvedValue(page([conversation(3, message(8))], "more"));
  listedWith.mockRejectedValueOnce(new ApiError(0, "network"));
  const list = show(() => useConversations());
  const shown = show(() => useConversation(2));
  await waitFor(() => expect(shown.current).toMatchObject({ settled: false, failed: true }));
  expect(list.current.isError).toBe(false);
  listedWith.mockResolvedValueOnce(page([conversation(2, message(1))]));
  retryFailed(client);
  await waitFor(() => expect(shown.current).toMatchObject({ settled: true, failed: false, conversation: { peer: { id: 2 } } }));
});

test("more: what happens there meanwhile is not lost, and that it failed is said", async () => {
  listed.mockResolvedValueOnce(page([conversation(3, message(8))], "more"));
  const shown = show(() => useConversations());
  await waitFor(() => expect(shown.current.hasNextPage).toBe(true));

  listed.mockRejectedValueOnce(new ApiError(0, "network"));
  await expect(shown.current.fetchNextPage()).rejects.toThrow("network");

  listed.mockImplementationOnce(async () => {
    happen("message.deleted", message(4, { text: null, deleted_at: "2026-01-05T11:00:00Z", revision: 2 }));
    return page([conversation(2, message(5), { unread_count: 3 })]);
  });
  listed.mockResolvedValueOnce(page([conversation(2, message(5), { unread_count: 2 })]));
  await shown.current.fetchNextPage();
  await waitFor(() => expect(shown.current.conversations[1]?.unread_count).toBe(2));
});
