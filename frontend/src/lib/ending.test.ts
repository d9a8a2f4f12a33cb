import { expect, test } from "vitest";
import { untilWarning } from "./ending";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  ["a long session, just begun", 90 * DAY, 0, 89 * DAY],
  ["a long session, a day and a minute before its end", 90 * DAY, 89 * DAY - MINUTE, MINUTE],
  ["a long session on its last day", 90 * DAY, 89 * DAY + HOUR, 0],
  ["a session of ten days: a tenth of it is a day", 10 * DAY, 0, 9 * DAY],
  ["a short session, just begun", HOUR, 0, 54 * MINUTE],
  ["a short session in its last tenth", HOUR, 55 * MINUTE, 0],
  ["a session that is over", HOUR, 2 * HOUR, 0],
])("%s", (_what, length, age, expected) => {
  const startedAt = Date.UTC(2026, 0, 1);
  expect(untilWarning({ startedAt, endsAt: startedAt + length }, startedAt + age)).toBe(expected);
});

test("clocks that contradict each other warn at the end, not before", () => {
  expect(untilWarning({ startedAt: 2 * HOUR, endsAt: HOUR }, 0)).toBe(HOUR);
});
