import { readFileSync, readdirSync } from "node:fs";
import i18next, { type TFunction } from "i18next";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { en } from "./en";
import { explain } from "./errors";
import { formatShort, formatSize } from "./format";
import { pickLanguage, startI18n } from "./index";
import { uk } from "./uk";

const sourcesIn = (pattern: RegExp) =>
  readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) => pattern.test(path)).map((path) => `src/${path}`);

const PLURAL = /_(one|few|many|other)$/;

function flatten(tree: object, prefix = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === "string") flat.set(prefix + name, value);
    else for (const [key, text] of flatten(value as object, `${prefix}${name}.`)) flat.set(key, text);
  }
  return flat;
}

const texts = { uk: flatten(uk), en: flatten(en) };
const stems = (language: "uk" | "en") => new Set([...texts[language].keys()].map((key) => key.replace(PLURAL, "")));
const variables = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

beforeAll(startI18n);

describe("dictionaries", () => {
  test("say the same things in both languages", () => {
    expect([...stems("uk")].sort()).toEqual([...stems("en")].sort());
  });

  test.each(["uk", "en"] as const)("%s has every plural form its grammar needs, and no empty text", (language) => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const keys = [...texts[language].keys()];
    for (const stem of new Set(keys.filter((key) => PLURAL.test(key)).map((key) => key.replace(PLURAL, "")))) {
      for (const form of forms) expect(keys).toContain(`${stem}_${form}`);
    }
    for (const text of texts[language].values()) expect(text.trim()).not.toBe("");
  });

  test("use the same variables", () => {
    for (const [key, text] of texts.uk) {
      const other = texts.en.get(key) ?? texts.en.get(`${key.replace(PLURAL, "")}_other`) ?? "";
      expect([key, variables(text)]).toEqual([key, variables(other)]);
    }
  });

  test("hold nothing that no screen says", () => {
    const sources = sourcesIn(/\.tsx?$/).filter((path) => !/test|i18n\/(uk|en)\.ts/.test(path));
    const code = sources.map((path) => readFileSync(path, "utf8")).join("\n");
    const composed = ["messages.state.", "errors.", "settings.light", "settings.dark", "settings.system"];
    const unused = [...stems("uk")].filter((key) => !code.includes(`"${key}"`) && !composed.some((start) => key.startsWith(start)));
    expect(unused).toEqual([]);
  });
});

describe("Ukrainian", () => {
  test.each([
    [1, "1 непрочитане повідомлення"],
    [2, "2 непрочитані повідомлення"],
    [5, "5 непрочитаних повідомлень"],
    [11, "11 непрочитаних повідомлень"],
    [21, "21 непрочитане повідомлення"],
    [22, "22 непрочитані повідомлення"],
  ])("counts %i", async (count, expected) => {
    await i18next.changeLanguage("uk");
    expect(i18next.t("chats.unread", { count })).toBe(expected);
  });

  test.each([[1, "1 файл"], [3, "3 файли"], [10, "10 файлів"]])("counts %i files", async (count, expected) => {
    await i18next.changeLanguage("uk");
    expect(i18next.t("chats.files", { count })).toBe(expected);
  });
});

test("the first language of the browser that we speak is taken, unless one was chosen", () => {
  expect(pickLanguage(null, ["uk-UA", "en"])).toBe("uk");
  expect(pickLanguage(null, ["de", "uk", "en"])).toBe("uk");
  expect(pickLanguage(null, ["en-US", "uk"])).toBe("en");
  expect(pickLanguage(null, ["ja"])).toBe("en");
  expect(pickLanguage("uk", ["en"])).toBe("uk");
  expect(pickLanguage("tlh", ["en"])).toBe("en");
});

test("html[lang] follows the language", async () => {
  await i18next.changeLanguage("en");
  expect(document.documentElement.lang).toBe("en");
});

test("errors are told by code, by status, or in general", async () => {
  await i18next.changeLanguage("en");
  const t: TFunction = i18next.t;
  expect(explain({ status: 403, code: "blocked", retryAfter: null }, t)).toBe(en.errors.blocked);
  expect(explain({ status: 413, code: "payload_too_large", retryAfter: null }, t)).toBe(en.errors.too_large);
  expect(explain({ status: 418, code: "teapot", retryAfter: null }, t)).toBe(en.errors.generic);
  expect(explain({ status: 429, code: "rate_limited", retryAfter: 1 }, t)).toBe("Too many attempts. Please wait 1 second.");
  expect(explain({ status: 0, code: "network", retryAfter: null }, t)).toBe(en.errors.network);
});

test("sizes and times are written the reader's way", async () => {
  await i18next.changeLanguage("uk");
  expect(formatSize(1_500_000)).toMatch(/^1,5\sМБ$/);
  expect(formatSize(0)).toMatch(/^0\sбайтів$/);
  const now = new Date(2026, 5, 10, 12, 0);
  expect(formatShort(new Date(2026, 5, 10, 9, 5).toISOString(), now)).toBe("09:05");
  expect(formatShort(new Date(2026, 4, 1).toISOString(), now)).toBe("01.05.26");
  await i18next.changeLanguage("en");
  expect(formatSize(1)).toMatch(/^1\sbyte$/);
  expect(formatSize(9)).toMatch(/^9\sbytes$/);
  expect(formatSize(9_900)).toMatch(/^9\.9\skB$/);
});

/** Text between tags, and attributes people read or hear. */
function literalsIn(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const spoken = new Set(["aria-label", "title", "alt", "placeholder", "label", "hint", "text"]);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && spoken.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer)) {
      if (/\p{L}/u.test(node.initializer.text)) found.push(node.initializer.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test("no component says anything that is not in the dictionaries", () => {
  const found = sourcesIn(/\.tsx$/).flatMap((path) => literalsIn(path).map((text) => `${path}: ${text}`));
  expect(found).toEqual([]);
});
