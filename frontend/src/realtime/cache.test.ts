import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { historyOf, message } from "@/testing/builders";
import type { History } from "./apply";
import { keys, showMessage } from "./cache";

const ME = 1;
const own = (id: number) => message(id, { sender_id: ME, receiver_id: 2 });

/** Somebody looks at the conversation with person 2, which is still being read. */
function setUp() {
  const client = new QueryClient();
  let answer: (history: History) => void = () => undefined;
  const queryFn = () => new Promise<History>((resolve) => (answer = resolve));
  const observer = new QueryObserver<History>(client, { queryKey: keys.history(2), queryFn });
  const leave = observer.subscribe(() => undefined);
  const items = () => observer.getCurrentResult().data?.pages.flatMap((page) => page.items) ?? [];
  return { client, items, leave, answer: (history: History) => answer(history) };
}

async function isDone(promise: Promise<void>): Promise<boolean> {
  const later = new Promise<false>((resolve) => setTimeout(() => resolve(false), 20));
  return Promise.race([promise.then(() => true), later]);
}

test("a message is shown when what is read of its conversation is older than it", async () => {
  const { client, items, answer } = setUp();
  const shown = showMessage(client, ME, own(5));
  expect(await isDone(shown)).toBe(false);
  answer(historyOf([message(4)]));
  await shown;
  expect(items().map(({ id }) => id)).toEqual([4, 5]);
});

test("it does not take the place of what is newer", async () => {
  const { client, items, answer } = setUp();
  const shown = showMessage(client, ME, own(5));
  const reactions = [{ emoji: "👍", user_ids: [2] }];
  answer(historyOf([{ ...own(5), reactions }]));
  await shown;
  await showMessage(client, ME, own(5));
  expect(items()).toMatchObject([{ id: 5, reactions }]);
});

test("nobody waits for a conversation that nobody looks at", async () => {
  const { client, leave } = setUp();
  const shown = showMessage(client, ME, own(5));
  expect(await isDone(shown)).toBe(false);
  leave();
  expect(await isDone(shown)).toBe(true);
});
