import { beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { attachment, localFile } from "@/testing/builders";
import { type Disk, draft, ok, portsOf, setUp } from "@/testing/outbox";
import type { LocalFile, OutboxItem } from "./database";

const TRANSIENT = new ApiError(0, "network");
const FORGOTTEN = new ApiError(404, "not_found");

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
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

test("what another tab has sent or taken back gives up what was kept here for its files", async () => {
  const forget = vi.fn();
  const { outbox, disk, items } = setUp(() => Promise.reject(TRANSIENT), [], { forget });
  await outbox.add(draft("goes", 2, [localFile("a"), localFile("b")]));
  await outbox.add(draft("stays", 3, [localFile("c")]));
  const [first] = items();
  disk.delete(first?.client_id ?? "");
  await outbox.load();
  outbox.stop();
  expect(items().map(({ text }) => text)).toEqual(["stays"]);
  expect(forget.mock.calls).toEqual([["a"], ["b"]]);
});
