import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readRows, searchEmoji } from "./data";
import { GROUPS } from "./groups";

const all = readRows(JSON.parse(readFileSync("src/components/emoji/emoji.json", "utf8")) as Parameters<typeof readRows>[0]);
const found = (query: string) => searchEmoji(all, query).map(({ emoji }) => emoji);

test("every emoji has a name in both languages and a group that is shown", () => {
  expect(all.length).toBeGreaterThan(1800);
  expect(new Set(all.map(({ emoji }) => emoji)).size).toBe(all.length);
  const groups = new Set<number>(GROUPS.map(({ id }) => id));
  for (const { names, group } of all) {
    expect(names.en && names.uk).toBeTruthy();
    expect(groups.has(group)).toBe(true);
  }
});

test.each([
  ["heart", "❤️"],
  ["серце", "❤️"],
  ["СЕРЦЕ", "❤️"],
  ["thumbs up", "👍"],
  ["cat", "🐈"],
  ["кіт", "🐈"],
  ["україн", "🇺🇦"],
  ["м'яч", "⚽"],
  ["м’яч", "⚽"],
  ["🔥", "🔥"],
])("%s finds %s", (query, emoji) => {
  expect(found(query)).toContain(emoji);
});

test("what fits exactly comes first, and nonsense finds nothing", () => {
  expect(found("fire")[0]).toBe("🔥");
  expect(found("qqqq")).toEqual([]);
});
