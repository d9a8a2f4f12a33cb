import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { Toaster } from "@/components/ui/toasts";
import { changeLanguage, startI18n } from "@/i18n";
import { conversation, message } from "@/testing/builders";
import { ConversationList } from "./ConversationList";

const fetchNextPage = vi.fn(() => Promise.reject(new ApiError(503, "unavailable")));
vi.mock("@/realtime/provider", () => ({ useEngine: () => ({ me: 1, drafts: { open: vi.fn() } }), usePresence: () => undefined }));
vi.mock("@/realtime/useConversations", () => ({
  useConversations: () => ({ conversations: [conversation(2, message(1))], hasNextPage: true, fetchNextPage }),
}));
vi.mock("./ConversationItem", () => ({ ConversationItem: () => null }));

beforeAll(startI18n);
afterEach(cleanup);

test.each([
  ["en", "Show more", "Older conversations could not be loaded."],
  ["uk", "Показати ще", "Не вдалося завантажити давніші розмови."],
] as const)("says that more could not be loaded: %s", async (language, more, failed) => {
  changeLanguage(language);
  render(<><ConversationList onFind={() => undefined} /><Toaster /></>, { wrapper: MemoryRouter });
  fireEvent.click(screen.getByRole("button", { name: more }));
  expect(await screen.findByText(failed, { exact: false })).toBeTruthy();
});
