import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { changeLanguage, startI18n } from "@/i18n";
import { conversation, message, user } from "@/testing/builders";
import { SearchHit } from "./SearchHit";

const found = message(1, { text: "about the boat" });
const getUser = vi.hoisted(() => vi.fn());
vi.mock("@/api/auth", () => ({ getUser }));
vi.mock("@/realtime/provider", () => ({ useEngine: () => ({ me: 1 }) }));
vi.mock("@/realtime/useConversations", () => ({
  useConversation: (id: number) => ({ conversation: conversation(id, found, { peer: user(id, { username: null, display_name: null }) }) }),
}));

beforeAll(() => {
  startI18n();
  changeLanguage("en");
});
afterEach(cleanup);

test("somebody who is gone is named by our conversation; nobody is asked for, which would be an error", () => {
  render(<SearchHit message={found} query="boat" here={null} />, { wrapper: MemoryRouter });
  expect(screen.getByRole("link").textContent).toContain("Deleted account");
  expect(getUser).not.toHaveBeenCalled();
});
