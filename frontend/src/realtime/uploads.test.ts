import { expect, test, vi } from "vitest";
import type { UploadOptions } from "@/api/upload";
import type { Attachment } from "@/api/types";
import { attachment, localFile } from "@/testing/builders";
import { Uploads } from "./uploads";

function setUp() {
  const calls: (UploadOptions & { resolve: (result: Attachment) => void; reject: (error: unknown) => void })[] = [];
  const uploads = new Uploads(
    (_blob, options) => new Promise((resolve, reject) => void calls.push({ ...options, resolve, reject })),
  );
  return { uploads, calls };
}

test("whoever asks for the same file shares one upload, also after it is done", async () => {
  const { uploads, calls } = setUp();
  const file = localFile("a");
  const both = Promise.all([uploads.upload(file), uploads.upload(file)]);
  calls[0]?.onProgress(0.5);
  expect(uploads.progress.getState()).toEqual({ a: 0.5 });
  calls[0]?.resolve(attachment("id"));
  expect(await both).toEqual([attachment("id"), attachment("id")]);
  expect(await uploads.upload(file)).toEqual(attachment("id"));
  expect(calls).toHaveLength(1);
  expect(uploads.progress.getState()).toEqual({});
});

test("a failed one may be begun again, a forgotten one too", async () => {
  const { uploads, calls } = setUp();
  const failed = uploads.upload(localFile("a"));
  calls[0]?.reject(new Error("network"));
  await expect(failed).rejects.toThrow("network");
  void uploads.upload(localFile("a"));
  uploads.forget("a");
  expect(calls[1]?.signal.aborted).toBe(true);
  void uploads.upload(localFile("a"));
  expect(calls).toHaveLength(3);
});

test("a few at a time; one that is cancelled before its turn is never begun", async () => {
  const { uploads, calls } = setUp();
  const results = ["a", "b", "c", "d", "e"].map((key) => uploads.upload(localFile(key)));
  expect(calls).toHaveLength(3);
  uploads.forget("d");
  calls[0]?.resolve(attachment("id"));
  await expect(results[3]).rejects.toMatchObject({ code: "cancelled" });
  await vi.waitFor(() => expect(calls.map(({ name }) => name)).toEqual(["a.txt", "b.txt", "c.txt", "e.txt"]));
});

test("what the server has is not uploaded", async () => {
  const { uploads, calls } = setUp();
  expect(await uploads.upload(localFile("a", { attachment: attachment("id") }))).toEqual(attachment("id"));
  expect(calls).toEqual([]);
});
