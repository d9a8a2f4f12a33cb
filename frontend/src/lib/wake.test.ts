import { beforeEach, expect, test, vi } from "vitest";
import { onWake } from "./wake";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

test("tells when the machine slept, the page is shown, the network is back; and not otherwise", () => {
  const woke = vi.fn();
  const forget = onWake(woke);
  vi.advanceTimersByTime(600_000);
  expect(woke).not.toHaveBeenCalled();
  vi.setSystemTime(Date.now() + 3 * 3_600_000);
  vi.advanceTimersByTime(5000);
  expect(woke).toHaveBeenCalledTimes(1);
  document.dispatchEvent(new Event("visibilitychange"));
  window.dispatchEvent(new Event("online"));
  expect(woke).toHaveBeenCalledTimes(3);
  forget();
  window.dispatchEvent(new Event("online"));
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(10_000);
  expect(woke).toHaveBeenCalledTimes(3);
});

test("a hidden page sleeps on", () => {
  const woke = vi.fn();
  const forget = onWake(woke);
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(woke).not.toHaveBeenCalled();
  forget();
});
