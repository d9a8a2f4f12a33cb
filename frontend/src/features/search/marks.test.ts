import { expect, test } from "vitest";
import { excerpt } from "./marks";

const marked = (text: string, query: string) => excerpt(text, query).filter(({ isMarked }) => isMarked).map(({ text }) => text);
const whole = (text: string, query: string) => excerpt(text, query).map(({ text }) => text).join("");

test.each([
  ["Привіт, світе", "СВІТ", ["світ"]],
  ["п’ять п'ять пять", "п'ять", ["п’ять", "п'ять", "пять"]],
  ["ґанок їжак", "ганок іжак", ["ґанок", "їжак"]],
  ["aaa", "a", ["a", "a", "a"]],
  ["İstanbul straße", "ISTANBUL", []],
  ["🙂 кава 🙂", "кава", ["кава"]],
  ["(a+b)", "a+b", ["a+b"]],
  ["кава", "", []],
])("in %j the words %j are %j", (text, query, expected) => {
  expect(marked(text, query)).toEqual(expected);
  expect(whole(text, query)).toBe(text);
});

test("overlapping words are marked once", () => {
  expect(marked("молоко", "молок локо")).toEqual(["молок", "о"]);
  expect(whole("молоко", "молок локо")).toBe("молоко");
});

test("of a long text the part with the word is shown", () => {
  const text = `${"слово ".repeat(100)}скарб ${"слово ".repeat(100)}`;
  expect(marked(text, "скарб")).toEqual(["скарб"]);
  const shown = whole(text, "скарб");
  expect(shown.length).toBeLessThan(170);
  expect(shown.startsWith("…слово")).toBe(true);
  expect(shown.endsWith("…")).toBe(true);
});
