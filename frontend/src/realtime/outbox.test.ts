import { beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { attachment, localFile, message, outboxItem } from "@/testing/builders";
import type { LocalFile, OutboxItem } from "./database";
import { Outbox, type OutboxPorts } from "./outbox";

const TRANSIENT = new ApiError(0, "network");
const REFUSED = new ApiError(403, "blocked");
const FORGOTTEN = new ApiError(404, "not_found");

type Disk = Map<string, OutboxItem>;

function portsOf(disk: Disk, accepted: string[]): Omit<OutboxPorts, "deliver"> {
  return {
    store: {
      all: () => Promise.resolve([...disk.values()]),
      add: async (item) => void disk.set(item.client_id, item),
      update: async (item) => void (disk.has(item.client_id) && disk.set(item.client_id, item)),
      remove: async (id) => void disk.delete(id),
    },
    upload: (file) => Promise.resolve(attachment(`id-${file.key}`)),
    forget: () => undefined,
    locationOf: () => null,
    onAccepted: ({ client_id }) => accepted.push(client_id),
    exclusively: (_name, work) => work(),
    announce: () => undefined,
    now: () => Date.now(),
  };
}

function setUp(deliver: OutboxPorts["deliver"], stored: OutboxItem[] = [], ports: Partial<OutboxPorts> = {}) {
  const disk: Disk = new Map(stored.map((item) => [item.client_id, item]));
  const accepted: string[] = [];
  const outbox = new Outbox({ ...portsOf(disk, accepted), deliver, ...ports });
  return { outbox, disk, accepted, items: () => outbox.items.getState().items };
}

const draft = (text: string, peer_id = 2, files: LocalFile[] = []) => ({ peer_id, text, files, reply_to_id: null });
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

test("an uploaded file is remembered at once, so that a later visit does not upload it again", async () => {
  const upload = vi.fn((file: LocalFile) => (file.key === "b" ? Promise.reject(TRANSIENT) : Promise.resolve(attachment(`id-${file.key}`))));
  const first = setUp(ok, [], { upload });
  await first.outbox.add(draft("with files", 2, [localFile("a"), localFile("b")]));
  await vi.advanceTimersByTimeAsync(50);
  first.outbox.stop();
  const left = [...first.disk.values()];
  expect(left[0]?.files.map(({ attachment }) => attachment?.id)).toEqual(["id-a", undefined]);

  const again = vi.fn((file: LocalFile) => Promise.resolve(attachment(`id-${file.key}`)));
  const deliver = vi.fn(ok);
  const second = setUp(deliver, left, { upload: again });
  await second.outbox.load();
  await vi.advanceTimersByTimeAsync(50);
  expect(again.mock.calls.map(([file]) => file.key)).toEqual(["b"]);
  expect(deliver.mock.calls[0]?.[0]).toMatchObject({ client_id: left[0]?.client_id, files: [{ attachment: { id: "id-a" } }, { attachment: { id: "id-b" } }] });
});

test.each([
  [413, "too_large"],
  [413, "quota_exceeded"],
  [422, "bad_image"],
])("a file refused with %i %s fails its message, by name; the later ones go on; retrying sends it", async (status, code) => {
  let refuse = true;
  const upload = (file: LocalFile) => (refuse && file.key === "b" ? Promise.reject(new ApiError(status, code)) : Promise.resolve(attachment(file.key)));
  const { outbox, items, accepted, disk } = setUp(ok, [], { upload });
  await outbox.add(draft("bad", 2, [localFile("a"), localFile("b")]));
  await outbox.add(draft("good"));
  await vi.advanceTimersByTimeAsync(100);
  expect(items()).toMatchObject([{ text: "bad", failed_code: code, failed_file: "b.txt" }]);
  expect(accepted).toHaveLength(1);
  refuse = false;
  await outbox.retry(items()[0]?.client_id ?? "");
  await vi.advanceTimersByTimeAsync(100);
  expect(disk.size).toBe(0);
});

test("a file that the server has forgotten is uploaded again from here, but only once", async () => {
  const expired = localFile("a", { attachment: attachment("expired") });
  const gone = setUp((item) => (item.files[0]?.attachment?.id === "expired" ? Promise.reject(FORGOTTEN) : ok(item)));
  await gone.outbox.add(draft("late", 2, [expired]));
  await vi.advanceTimersByTimeAsync(100);
  expect(gone.disk.size).toBe(0);

  const deliver = vi.fn(() => Promise.reject(FORGOTTEN));
  const never = setUp(deliver);
  await never.outbox.add(draft("to nobody", 2, [expired]));
  await vi.advanceTimersByTimeAsync(100);
  expect(never.items()).toMatchObject([{ failed_code: "not_found", failed_file: null }]);
  expect(deliver).toHaveBeenCalledTimes(2);
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

test("without room for the bytes, files that the server has go by their ids", async () => {
  const disk: Disk = new Map();
  const { store } = portsOf(disk, []);
  const hasBytes = (item: OutboxItem) => item.files.some(({ blob }) => blob);
  const add = (item: OutboxItem) => (hasBytes(item) ? Promise.reject(new Error("full")) : store.add(item));
  const { outbox, accepted } = setUp(ok, [], { store: { ...store, add } });
  await outbox.add(draft("uploaded", 2, [localFile("a", { attachment: attachment("id-a") })]));
  await vi.advanceTimersByTimeAsync(100);
  expect(accepted).toHaveLength(1);
});

test("a text written while a large file is still being stored waits behind it", async () => {
  const disk: Disk = new Map();
  const { store } = portsOf(disk, []);
  const slow = async (item: OutboxItem) => {
    if (item.files.length > 0) await new Promise((resolve) => setTimeout(resolve, 500));
    await store.add(item);
  };
  const sent: (string | null)[] = [];
  const { outbox } = setUp((item) => (sent.push(item.text), ok(item)), [], { store: { ...store, add: slow } });
  void outbox.add(draft("file", 2, [localFile("a")]));
  await outbox.add(draft("text"));
  await vi.advanceTimersByTimeAsync(400);
  expect(sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(sent).toEqual(["file", "text"]);
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

test("a message that is taken back while its file goes up is not sent", async () => {
  const deliver = vi.fn(ok);
  let end: (error: ApiError) => void = () => undefined;
  const forgotten: string[] = [];
  const { outbox, items, accepted } = setUp(deliver, [], {
    upload: () => new Promise((_resolve, reject) => (end = reject)),
    forget: (key) => {
      forgotten.push(key);
      end(new ApiError(0, "cancelled"));
    },
  });
  await outbox.add(draft("oh no", 2, [localFile("a")]));
  await outbox.add(draft("next"));
  await vi.advanceTimersByTimeAsync(10);
  await outbox.discard(items()[0]?.client_id ?? "");
  await vi.advanceTimersByTimeAsync(10);
  expect(forgotten).toEqual(["a"]);
  expect(accepted).toEqual([deliver.mock.calls[0]?.[0].client_id]);
  expect(deliver.mock.calls.map(([item]) => item.text)).toEqual(["next"]);
});

test("where the upload of a file goes on is kept with its message", async () => {
  const { outbox, disk } = setUp(() => Promise.reject(TRANSIENT), [], {
    upload: () => Promise.reject(TRANSIENT),
    locationOf: (key) => (key === "begun" ? "/uploads/1" : null),
  });
  await outbox.add(draft("large", 2, [localFile("begun"), localFile("waiting")]));
  const locations = () => [...disk.values()][0]?.files.map(({ location }) => location);
  expect(locations()).toEqual(["/uploads/1", null]);
  await outbox.located("waiting", "/uploads/2");
  expect(locations()).toEqual(["/uploads/1", "/uploads/2"]);
  outbox.stop();
});
