import { beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { message } from "@/testing/builders";
import type { OutboxItem } from "./database";
import { Outbox, type OutboxPorts } from "./outbox";

const TRANSIENT = new ApiError(0, "network");
const REFUSED = new ApiError(403, "blocked");

function setUp(deliver: OutboxPorts["deliver"], stored: OutboxItem[] = []) {
  const disk = new Map(stored.map((item) => [item.client_id, item]));
  const accepted: string[] = [];
  const outbox = new Outbox({
    store: {
      all: () => Promise.resolve([...disk.values()]),
      put: async (item) => void disk.set(item.client_id, item),
      remove: async (id) => void disk.delete(id),
    },
    deliver,
    onAccepted: ({ client_id }) => accepted.push(client_id),
    exclusively: (_name, work) => work(),
    announce: () => undefined,
    now: () => Date.now(),
  });
  return { outbox, disk, accepted, items: () => outbox.items.getState().items };
}

const draft = (text: string, peer_id = 2) => ({ peer_id, text, attachments: [], reply_to_id: null });
const ok = (item: OutboxItem) => Promise.resolve(message(1, { client_id: item.client_id }));

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

test("sends in the order of writing, one after the other", async () => {
  const sent: string[] = [];
  let running = 0;
  const { outbox, disk, accepted } = setUp(async (item) => {
    running += 1;
    expect(running).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 100 - sent.length * 30));
    running -= 1;
    sent.push(item.text ?? "");
    return ok(item);
  });
  await Promise.all(["a", "b", "c"].map((text) => outbox.add(draft(text))));
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent).toEqual(["a", "b", "c"]);
  expect(accepted).toHaveLength(3);
  expect(disk.size).toBe(0);
});

test("is on disk before anything is sent, and stays there until the server has it", async () => {
  const { outbox, disk, items } = setUp(() => Promise.reject(TRANSIENT));
  await outbox.add(draft("keep me"));
  await vi.advanceTimersByTimeAsync(50);
  expect([...disk.values()][0]).toMatchObject({ text: "keep me", failed_code: null });
  expect(items()).toHaveLength(1);
  outbox.stop();
});

test("what may pass is tried again with the same client_id, in order", async () => {
  const tried: string[] = [];
  let failures = 2;
  const { outbox, disk } = setUp((item) => {
    tried.push(`${item.text}:${item.client_id}`);
    failures -= 1;
    return failures >= 0 ? Promise.reject(TRANSIENT) : ok(item);
  });
  await outbox.add(draft("one"));
  await outbox.add(draft("two"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(new Set(tried.slice(0, 3)).size).toBe(1);
  expect(tried.map((entry) => entry.slice(0, 3))).toEqual(["one", "one", "one", "two"]);
  expect(disk.size).toBe(0);
});

test("waits as long as the server asks", async () => {
  let calls = 0;
  const { outbox } = setUp((item) => {
    calls += 1;
    return calls === 1 ? Promise.reject(new ApiError(429, "rate_limited", 7)) : ok(item);
  });
  await outbox.add(draft("slow down"));
  await vi.advanceTimersByTimeAsync(6900);
  expect(calls).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(calls).toBe(2);
});

test("what is refused stays visible as failed; the next ones go on; retry and remove work", async () => {
  let refuse = true;
  const { outbox, disk, items, accepted } = setUp((item) => (item.text === "bad" && refuse ? Promise.reject(REFUSED) : ok(item)));
  await outbox.add(draft("bad"));
  await outbox.add(draft("good"));
  await vi.advanceTimersByTimeAsync(100);
  expect(items()).toMatchObject([{ text: "bad", failed_code: "blocked" }]);
  expect(accepted).toHaveLength(1);
  refuse = false;
  await outbox.retry(items()[0]?.client_id ?? "");
  await vi.advanceTimersByTimeAsync(100);
  expect(disk.size).toBe(0);

  refuse = true;
  await outbox.add(draft("bad"));
  await vi.advanceTimersByTimeAsync(100);
  await outbox.discard(items()[0]?.client_id ?? "");
  expect(disk.size).toBe(0);
  expect(items()).toEqual([]);
});

test("takes up what an earlier visit left, and one conversation does not hold up another", async () => {
  const left: OutboxItem = { ...draft("left behind", 3), client_id: "c", position: 1, created_at: "2026-01-01T00:00:00Z", failed_code: null };
  const { outbox, accepted } = setUp((item) => (item.peer_id === 2 ? Promise.reject(TRANSIENT) : ok(item)), [left]);
  await outbox.add(draft("stuck", 2));
  await outbox.load();
  await vi.advanceTimersByTimeAsync(100);
  expect(accepted).toEqual(["c"]);
  outbox.stop();
});

test("waking sends at once", async () => {
  let online = false;
  const { outbox, accepted } = setUp((item) => (online ? ok(item) : Promise.reject(new ApiError(429, "busy", 60))));
  await outbox.add(draft("soon"));
  await vi.advanceTimersByTimeAsync(10);
  online = true;
  outbox.wake();
  await vi.advanceTimersByTimeAsync(10);
  expect(accepted).toHaveLength(1);
});
