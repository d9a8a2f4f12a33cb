import { expect, test, vi } from "vitest";
import { fullJitter } from "./backoff";
import { describeDevice } from "./device";
import { newUuid } from "./ids";
import { splitLinks } from "./links";

const hrefs = (text: string) => splitLinks(text).flatMap(({ href }) => href ?? []);

test("links are found, and what surrounds them stays text", () => {
  expect(splitLinks("див. https://example.org/a?b=c, а ще")).toEqual([
    { text: "див. ", href: null },
    { text: "https://example.org/a?b=c", href: "https://example.org/a?b=c" },
    { text: ", а ще", href: null },
  ]);
  expect(hrefs("(https://uk.wikipedia.org/wiki/Київ_(місто))")).toEqual(["https://uk.wikipedia.org/wiki/Київ_(місто))"]);
  expect(hrefs("(https://example.org)")).toEqual(["https://example.org"]);
  expect(hrefs("javascript:alert(1) <script> data:text/html,x http://")).toEqual([]);
  expect(splitLinks("")).toEqual([]);
});

test("uuids are valid without a secure context too", () => {
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(newUuid()).toMatch(shape);
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect(newUuid()).toMatch(shape);
  vi.unstubAllGlobals();
});

test("waits grow to the cap and use the whole range", () => {
  expect(fullJitter(0, 500, 20_000, () => 1)).toBe(500);
  expect(fullJitter(3, 500, 20_000, () => 1)).toBe(4000);
  expect(fullJitter(60, 500, 20_000, () => 1)).toBe(20_000);
  expect(fullJitter(5, 500, 20_000, () => 0)).toBe(0);
});

test("devices are recognised", () => {
  const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
  expect(describeDevice(agent)).toEqual({ browser: "Chrome", system: "Linux" });
  expect(describeDevice("curl/8")).toEqual({ browser: null, system: null });
});
