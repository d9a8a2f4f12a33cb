import { expect, test } from "vitest";
import { attachment, conversation, localFile, message, outboxItem } from "@/testing/builders";
import { buildEntries } from "./entries";

const base = { me: 1, peerId: 2, isPresent: true, outbox: [], marks: undefined, readUntil: null, previewOf: () => null };

test("what is on its way comes last, and vanishes into the stored message with the same key", () => {
  const before = buildEntries({ ...base, messages: [message(1)], outbox: [outboxItem("c-1"), outboxItem("other", { peer_id: 3 })] });
  expect(before.map(({ key, state }) => [key, state])).toEqual([["1", null], ["c-1", "sending"]]);
  const stored = message(2, { client_id: "c-1", sender_id: 1, receiver_id: 2 });
  const after = buildEntries({ ...base, messages: [message(1), stored], outbox: [outboxItem("c-1")] });
  expect(after.map(({ key, state }) => [key, state])).toEqual([["1", null], ["c-1", "sent"]]);
});

test("states follow the peer's marks", () => {
  const mine = [1, 2, 3].map((id) => message(id, { sender_id: 1, receiver_id: 2 }));
  const marks = conversation(2, message(3), { peer_read_id: 1, peer_delivered_id: 2 });
  const entries = buildEntries({ ...base, messages: mine, marks, outbox: [outboxItem("x", { failed_code: "blocked" })] });
  expect(entries.map(({ state }) => state)).toEqual(["read", "delivered", "sent", "failed"]);
});

test("runs of one person within five minutes are one group", () => {
  const at = (minute: number) => new Date(2026, 0, 5, 10, minute).toISOString();
  const messages = [
    message(1, { created_at: at(0) }),
    message(2, { created_at: at(2) }),
    message(3, { created_at: at(3), sender_id: 1, receiver_id: 2 }),
    message(4, { created_at: at(20), sender_id: 1, receiver_id: 2 }),
  ];
  expect(buildEntries({ ...base, messages }).map(({ startsGroup }) => startsGroup)).toEqual([true, false, true, true]);
});

test("days are told apart, and the line for new ones stands before the first unread", () => {
  const messages = [
    message(1, { created_at: new Date(2026, 0, 5, 23).toISOString() }),
    message(2, { created_at: new Date(2026, 0, 6, 1).toISOString() }),
    message(3, { created_at: new Date(2026, 0, 6, 1).toISOString() }),
  ];
  const entries = buildEntries({ ...base, messages, readUntil: 1 });
  expect(entries.map(({ startsDay }) => startsDay)).toEqual([true, true, false]);
  expect(entries.map(({ startsNew }) => startsNew)).toEqual([false, true, false]);
});

test("files on their way look like what the server will make of them", () => {
  const previewOf = ({ type }: { type: string }) => (type === "image/png" ? "blob:preview" : null);
  const picture = localFile("k1", { name: "a.png", type: "image/png", width: 40, height: 30 });
  const sent = localFile("k2", { attachment: attachment("f2", { filename: "cleaned.txt" }) });
  const [entry] = buildEntries({ ...base, messages: [], outbox: [outboxItem("c", { files: [picture, sent] })], previewOf });
  expect(entry?.message.attachments).toMatchObject([
    { id: "k1", filename: "a.png", width: 40, height: 30, thumbnail_url: "blob:preview" },
    { id: "k2", filename: "cleaned.txt", url: "/api/files/f2" },
  ]);
});
