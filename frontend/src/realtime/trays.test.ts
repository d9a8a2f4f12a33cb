import { expect, test, vi } from "vitest";
import { ApiError } from "@/api/errors";
import type { FileLimits } from "@/api/types";
import { attachment } from "@/testing/builders";
import type { LocalFile } from "./database";
import { type TrayPorts, Trays } from "./trays";

const LIMITS: FileLimits = { max_upload_bytes: 10, max_files: 10, quota_bytes: 1000, used_bytes: 0 };

function setUp(ports: Partial<TrayPorts> = {}) {
  const upload = vi.fn((file: LocalFile) => Promise.resolve(attachment(file.name)));
  const forget = vi.fn();
  const trays = new Trays({ upload, forget, limits: () => Promise.resolve(LIMITS), measure: () => Promise.resolve(null), ...ports });
  const names = () => (trays.chips.getState()[2] ?? []).map(({ file, failure }) => (failure ? `${file.name}:${failure.code}` : file.name));
  return { trays, upload, forget, names };
}

const file = (name: string, size = 5) => new File(["x".repeat(size)], name);
const many = (count: number) => Array.from({ length: count }, (_none, index) => file(String(index)));
const settle = () => new Promise((resolve) => setTimeout(resolve));

test("files go up as soon as they are chosen, and leave uploaded", async () => {
  const { trays, upload } = setUp();
  await trays.add(2, [file("a"), file("b")]);
  await settle();
  expect(upload).toHaveBeenCalledTimes(2);
  expect(trays.take(2).map(({ attachment }) => attachment?.id)).toEqual(["a", "b"]);
  expect(trays.chips.getState()[2]).toEqual([]);
});

test("each conversation has its own", async () => {
  const { trays } = setUp();
  await trays.add(2, [file("a")]);
  await trays.add(3, [file("b")]);
  expect(trays.take(3).map(({ name }) => name)).toEqual(["b"]);
  expect(trays.take(2).map(({ name }) => name)).toEqual(["a"]);
});

test("a file over the limit is told before the upload, and stops only itself", async () => {
  const { trays, upload, names } = setUp();
  await trays.add(2, [file("big", 11), file("small")]);
  await settle();
  expect(names()).toEqual(["big:too_large", "small"]);
  expect(upload.mock.calls.map(([{ name }]) => name)).toEqual(["small"]);
  expect(trays.take(2).map(({ name }) => name)).toEqual(["small"]);
  expect(names()).toEqual(["big:too_large"]);
});

test("files beyond the tenth wait for a place", async () => {
  const { trays, upload, names } = setUp();
  expect(await trays.add(2, many(12))).toBe(0);
  await settle();
  expect(names().slice(9)).toEqual(["9", "10:too_many_files", "11:too_many_files"]);
  expect(upload).toHaveBeenCalledTimes(10);
  trays.remove(2, trays.chips.getState()[2]?.[0]?.file.key ?? "");
  await settle();
  expect(names().slice(9)).toEqual(["10", "11:too_many_files"]);
  expect(trays.take(2)).toHaveLength(10);
  await settle();
  expect(names()).toEqual(["11"]);
  expect(await trays.add(2, many(80))).toBe(31);
});

test("deleted files make room: the answer about space is asked for anew", async () => {
  let used = 999;
  const { trays, names } = setUp({ limits: () => Promise.resolve({ ...LIMITS, used_bytes: used }) });
  await trays.add(2, [file("a")]);
  await settle();
  expect(names()).toEqual(["a:quota_exceeded"]);
  used = 0;
  await trays.add(2, [file("b")]);
  await trays.retry(2, trays.chips.getState()[2]?.[0]?.file.key ?? "");
  await settle();
  expect(names()).toEqual(["a", "b"]);
});

test("without a connection nothing is an error: it is sent later, or goes on when the connection is back", async () => {
  let online = false;
  const upload = vi.fn((each: LocalFile) => (online ? Promise.resolve(attachment(each.name)) : Promise.reject(new ApiError(0, "network"))));
  const { trays } = setUp({ upload, limits: () => Promise.reject(new ApiError(0, "network")) });
  await trays.add(2, [file("a")]);
  await settle();
  expect(trays.take(2)).toMatchObject([{ name: "a", attachment: null }]);
  await trays.add(2, [file("b")]);
  await settle();
  online = true;
  trays.resume();
  await settle();
  expect(trays.take(2)).toMatchObject([{ name: "b", attachment: { id: "b" } }]);
});

test("cancelling gives up the upload; what could not be kept returns", async () => {
  const { trays, forget, names } = setUp({ upload: () => new Promise(() => undefined) });
  await trays.add(2, [file("a"), file("b")]);
  const key = trays.chips.getState()[2]?.[0]?.file.key ?? "";
  trays.remove(2, key);
  expect(forget).toHaveBeenCalledWith(key);
  const taken = trays.take(2);
  await trays.add(2, [file("c")]);
  trays.putBack(2, taken);
  expect(names()).toEqual(["b", "c"]);
});
