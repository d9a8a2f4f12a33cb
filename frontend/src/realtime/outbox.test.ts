import { beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { attachment, localFile, message, outboxItem } from "@/testing/builders";
import { draft, ok, portsOf, setUp } from "@/testing/outbox";
import type { OutboxItem } from "./database";

const TRANSIENT = new ApiError(0, "network");
const REFUSED = new ApiError(403, "blocked");

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
  const left = outboxItem("c", { peer_id: 3 });
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

test("five texts and a file written offline leave in the order of writing, each once", async () => {
  let online = false;
  const sent: unknown[] = [];
  const uploaded: string[] = [];
  const { outbox, disk } = setUp(
    (item) => {
      if (!online) return Promise.reject(TRANSIENT);
      sent.push(item.text ?? item.files.map(({ attachment }) => attachment?.id));
      return ok(item);
    },
    [],
    {
      upload: (file) => {
        if (!online) return Promise.reject(TRANSIENT);
        uploaded.push(file.key);
        return Promise.resolve(attachment(`id-${file.key}`));
      },
    },
  );
  for (const text of ["1", "2", "3"]) await outbox.add(draft(text));
  await outbox.add({ peer_id: 2, text: null, files: [localFile("a")], reply_to_id: null });
  for (const text of ["5", "6"]) await outbox.add(draft(text));
  await vi.advanceTimersByTimeAsync(5000);
  expect(disk.size).toBe(6);
  online = true;
  outbox.wake();
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toEqual(["1", "2", "3", ["id-a"], "5", "6"]);
  expect(uploaded).toEqual(["a"]);
  expect(disk.size).toBe(0);
});

test("what the browser cannot keep is refused to the caller, and not sent behind the author's back", async () => {
  const full = Promise.reject(new DOMException("full", "QuotaExceededError"));
  full.catch(() => undefined);
  const deliver = vi.fn(ok);
  const store = { ...portsOf(new Map(), []).store, add: () => full };
  const { outbox, items } = setUp(deliver, [], { store });
  await expect(outbox.add(draft("big", 2, [localFile("a")]))).rejects.toThrow("full");
  await vi.advanceTimersByTimeAsync(100);
  expect(items()).toEqual([]);
  expect(deliver).not.toHaveBeenCalled();
});

test("what another tab sent while this one waited for its turn is not sent again", async () => {
  let letIn: () => void = () => undefined;
  const turn = new Promise<void>((resolve) => (letIn = resolve));
  const deliver = vi.fn(ok);
  const { outbox, disk, items } = setUp(deliver, [], {
    exclusively: async (_name, work) => {
      await turn;
      await work();
    },
  });
  await outbox.add(draft("once"));
  disk.clear();
  letIn();
  await vi.advanceTimersByTimeAsync(100);
  expect(deliver).not.toHaveBeenCalled();
  expect(items()).toEqual([]);
});

test("what the server has stays in sight until its conversation has it, and holds up nothing", async () => {
  let showAll: () => void = () => undefined;
  const shown = new Promise<void>((resolve) => (showAll = resolve));
  const sent: (string | null)[] = [];
  const { outbox, disk, items } = setUp((item) => (sent.push(item.text), ok(item)), [], { show: () => shown });
  for (const text of ["1", "2"]) await outbox.add(draft(text));
  await vi.advanceTimersByTimeAsync(100);
  await outbox.load();
  expect(sent).toEqual(["1", "2"]);
  expect(disk.size).toBe(0);
  expect(items().map(({ text }) => text)).toEqual(["1", "2"]);
  showAll();
  await vi.advanceTimersByTimeAsync(100);
  expect(items()).toEqual([]);
  expect(sent).toEqual(["1", "2"]);
});

test("what another tab sent stays in sight until its conversation has it here too", async () => {
  let showAll: () => void = () => undefined;
  const shown = new Promise<void>((resolve) => (showAll = resolve));
  const deliver = vi.fn(ok);
  const { outbox, disk, items } = setUp(deliver, [outboxItem("c")], { show: () => shown, exclusively: () => new Promise(() => undefined) });
  await outbox.load();
  void outbox.acceptedElsewhere(message(1, { client_id: "c" }));
  disk.clear();
  await outbox.load();
  expect(items()).toHaveLength(1);
  showAll();
  await vi.advanceTimersByTimeAsync(100);
  expect(items()).toEqual([]);
  expect(deliver).not.toHaveBeenCalled();
});

test("is not brought back by a reading of the disk while it is removed from there", async () => {
  const { store } = portsOf(new Map(), []);
  let left: OutboxItem[] = [];
  const remove = () => new Promise<void>((resolve) => setTimeout(() => ((left = []), resolve()), 500));
  const deliver = vi.fn(ok);
  const { outbox, items } = setUp(deliver, [], { store: { ...store, all: async () => left, add: async (item) => void left.push(item), remove } });
  await outbox.add(draft("once"));
  await vi.advanceTimersByTimeAsync(100);
  await outbox.load();
  await vi.advanceTimersByTimeAsync(1000);
  expect(deliver).toHaveBeenCalledTimes(1);
  expect(items()).toEqual([]);
});
