import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { changeLanguage, startI18n } from "@/i18n";
import type { OutboxItem } from "@/realtime/database";
import { conversation, message, outboxItem } from "@/testing/builders";
import { Preview } from "./Preview";

let waiting: OutboxItem[] = [];
const texts = createStore(() => ({}));
vi.mock("@/realtime/provider", () => ({ useEngine: () => ({ me: 1, drafts: { texts } }), useOutboxItems: () => waiting }));
vi.mock("@/realtime/useTyping", () => ({ useTyping: () => false }));

beforeAll(async () => {
  await startI18n();
  changeLanguage("en");
});
afterEach(cleanup);

const said = message(7, { sender_id: 1, receiver_id: 2, client_id: "stored", text: "said" });

test("what is on its way stands before what was said", () => {
  waiting = [outboxItem("new", { peer_id: 2, text: "on its way" })];
  render(<Preview conversation={conversation(2, said)} active />);
  expect(screen.getByText("on its way")).toBeTruthy();
  expect(screen.getByLabelText("Sending")).toBeTruthy();
});

test("a message that is in the list is not “being sent”, though its conversation does not have it yet", () => {
  waiting = [outboxItem("stored", { peer_id: 2, text: "said" })];
  render(<Preview conversation={conversation(2, said)} active />);
  expect(screen.getByText("said")).toBeTruthy();
  expect(screen.queryByLabelText("Sending")).toBeNull();
  expect(screen.getByLabelText("Sent")).toBeTruthy();
});
