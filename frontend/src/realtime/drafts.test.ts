import "fake-indexeddb/auto";
import { beforeEach, expect, test, vi } from "vitest";
import { type Database, deleteDatabase, openDatabase } from "./database";
import { Drafts } from "./drafts";

let database: Database;

beforeEach(async () => {
  await deleteDatabase(1);
  database = await openDatabase(1);
  return () => database.close();
});

const made = () => new Drafts(Promise.resolve(database));
const saved = (peerId = 2) => database.get("drafts", peerId).then((draft) => draft?.text);

test("comes back in a later visit, for its conversation only", async () => {
  const first = made();
  first.write(2, "half a thou");
  first.stop();
  await vi.waitFor(async () => expect(await saved()).toBe("half a thou"));
  const second = made();
  await Promise.all([second.open(2), second.open(3)]);
  expect(second.texts.getState()).toEqual({ 2: "half a thou" });
});

test("what was written, or sent, before the disk answered is not overwritten", async () => {
  await database.put("drafts", { peer_id: 2, text: "old" });
  const drafts = made();
  const opened = drafts.open(2);
  drafts.write(2, "new");
  drafts.write(2, "");
  await opened;
  expect(drafts.texts.getState()[2]).toBe("");
  drafts.stop();
  await vi.waitFor(async () => expect(await saved()).toBeUndefined());
});

test("a text that could not be sent returns before what was written since", () => {
  const drafts = made();
  drafts.putBack(2, "lost");
  expect(drafts.texts.getState()[2]).toBe("lost");
  drafts.write(2, "since");
  drafts.putBack(2, "lost");
  expect(drafts.texts.getState()[2]).toBe("lost\nsince");
  drafts.stop();
});

test("another tab's sending empties the same text here, and no other", async () => {
  const drafts = made();
  drafts.write(2, "same");
  drafts.sentElsewhere(2, "same");
  expect(drafts.texts.getState()[2]).toBe("");
  drafts.write(2, "mine");
  drafts.sentElsewhere(2, "theirs");
  expect(drafts.texts.getState()[2]).toBe("mine");
  drafts.stop();
  await vi.waitFor(async () => expect(await saved()).toBe("mine"));
});
