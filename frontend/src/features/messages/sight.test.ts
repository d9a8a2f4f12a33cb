import { expect, test } from "vitest";
import { hasDayAtTop } from "./sight";

const BOX_TOP = 100;
const HEIGHT = 30;

/** A list whose upper edge is at 100, with day lines and messages at these places, from above to below. */
function box(...rows: ["day" | "message", number][]): HTMLElement {
  const made = document.createElement("div");
  made.getBoundingClientRect = () => new DOMRect(0, BOX_TOP, 500, 600);
  for (const [kind, top] of rows) {
    const row = document.createElement(kind === "day" ? "p" : "article");
    if (kind === "day") row.dataset.dayLine = "";
    row.getBoundingClientRect = () => new DOMRect(0, top, 500, HEIGHT);
    made.append(row);
  }
  return made;
}

test("in a chat shorter than the window a day is said once, by its own line", () => {
  expect(hasDayAtTop(box(["day", 400], ["message", 440]))).toBe(true);
});

test("the sticky day takes over when the day's own line has left at the top", () => {
  expect(hasDayAtTop(box(["day", 60], ["message", 102]))).toBe(false);
  expect(hasDayAtTop(box(["message", 90], ["day", 300], ["message", 340]))).toBe(false);
});

test("a line that leaves or comes at the top has the place of the sticky one", () => {
  expect(hasDayAtTop(box(["day", 80], ["message", 120]))).toBe(true);
  expect(hasDayAtTop(box(["message", 80], ["day", 120], ["message", 160]))).toBe(true);
});
