import "fake-indexeddb/auto";
import { openDB } from "idb";
import { expect, test } from "vitest";
import { attachment, outboxItem } from "@/testing/builders";
import { addToOutbox, deleteDatabase, openDatabase, updateInOutbox } from "./database";

test("a message and its draft change places together", async () => {
  const database = await openDatabase(1);
  await database.put("drafts", { peer_id: 2, text: "soon" });
  await database.put("drafts", { peer_id: 3, text: "other" });
  await addToOutbox(database, outboxItem("c"));
  expect(await database.getAll("drafts")).toEqual([{ peer_id: 3, text: "other" }]);
  expect(await database.get("outbox", "c")).toMatchObject({ text: "soon" });
  database.close();
  await deleteDatabase(1);
});

test("when the message cannot be kept, its draft stays", async () => {
  const database = await openDatabase(1);
  await database.put("drafts", { peer_id: 2, text: "soon" });
  const impossible = { ...outboxItem("c"), text: (() => "a function cannot be stored") as unknown as string };
  await expect(addToOutbox(database, impossible)).rejects.toThrow(/clone/);
  expect(await database.get("drafts", 2)).toEqual({ peer_id: 2, text: "soon" });
  database.close();
  await deleteDatabase(1);
});

test("what was taken back does not return", async () => {
  const database = await openDatabase(1);
  await addToOutbox(database, outboxItem("c"));
  await updateInOutbox(database, outboxItem("c", { failed_code: "blocked" }));
  expect(await database.get("outbox", "c")).toMatchObject({ failed_code: "blocked" });
  await database.delete("outbox", "c");
  await updateInOutbox(database, outboxItem("c"));
  expect(await database.count("outbox")).toBe(0);
  database.close();
  await deleteDatabase(1);
});

test("what an earlier version left is still sent, with its files", async () => {
  const old = await openDB("communication-1", 1, {
    upgrade(database) {
      database.createObjectStore("outbox", { keyPath: "client_id" });
      database.createObjectStore("drafts", { keyPath: "peer_id" });
    },
  });
  const { files: _files, failed_file: _name, ...item } = outboxItem("c");
  await old.put("outbox", { ...item, attachments: [attachment("f")] });
  old.close();
  const database = await openDatabase(1);
  expect(await database.get("outbox", "c")).toMatchObject({ text: "soon", files: [{ key: "f", attachment: { id: "f" } }], failed_file: null });
  database.close();
});
