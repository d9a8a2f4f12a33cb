import { describe, expect, test } from "vitest";
import { MARKERS, type Piece, parseMarkup, plainText } from "./markup";

const text = (value: string): Piece => ({ kind: "text", text: value });
const bold = (...children: Piece[]): Piece => ({ kind: "bold", children });
const italic = (...children: Piece[]): Piece => ({ kind: "italic", children });

/** The source again, from the pieces. */
function sourceOf(pieces: Piece[]): string {
  return pieces.map((piece) => {
    if (piece.kind === "code") return `\`${piece.text}\``;
    if (piece.kind === "block") return piece.open + piece.text + piece.close;
    if ("children" in piece) return MARKERS[piece.kind] + sourceOf(piece.children) + MARKERS[piece.kind];
    return piece.text;
  }).join("");
}

/** A generator with a seed: the same messages in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const SCRAPS = ["*", "**", "_", "~~", "~", "`", "```", "```js\n", "\n", "\n\n", " ", "a", "ї", "🙂", "x_y", "https://e.org/a_b_", "(", ")", "http://", "<b>", "1"];

function madeUp(next: () => number, length: number): string {
  return Array.from({ length }, () => SCRAPS[Math.floor(next() * SCRAPS.length)]).join("");
}

describe("formatting", () => {
  test.each<[string, Piece[]]>([
    ["**так**, _ні_", [bold(text("так")), text(", "), italic(text("ні"))]],
    ["~~зайве~~", [{ kind: "strike", children: [text("зайве")] }]],
    ["`a * b`", [{ kind: "code", text: "a * b" }]],
    ["**a _b_ `c`**", [bold(text("a "), italic(text("b")), text(" "), { kind: "code", text: "c" })]],
    ["(**a**)", [text("("), bold(text("a")), text(")")]],
    ["**a\nb**", [bold(text("a\nb"))]],
  ])("%s", (source, expected) => {
    expect(parseMarkup(source)).toEqual(expected);
  });

  test.each([
    "**a", "a**", "** a **", "2**3**4", "snake_case_name", "__init__", "***", "****", "**a\n\nb**", "_", "~", "~a~", "`", "``", "` `",
    "`a\nb`", "``` ```", "```", "a ``` b", "5 * 3 * 2", "_a", "x ~~ y", "<b>b</b>", "[a](javascript:alert(1))", "javascript:alert(1)",
  ])("%j stays as it was written", (source) => {
    expect(parseMarkup(source)).toEqual([text(source)]);
  });

  test("blocks keep what is in them, and know their language", () => {
    expect(parseMarkup("Ось:\n```js\nconst a = **1**;\n\n  _b_\n```\nдалі")).toEqual([
      text("Ось:\n"),
      { kind: "block", open: "```js\n", text: "const a = **1**;\n\n  _b_", close: "\n```\n" },
      text("далі"),
    ]);
    expect(parseMarkup("```one line```")).toEqual([{ kind: "block", open: "```", text: "one line", close: "```" }]);
  });

  test("addresses are not formatted, and formatting around them works", () => {
    const address = "https://example.org/a_b_c?x=**";
    expect(parseMarkup(`${address} _a_`)[0]).toEqual({ kind: "link", text: address, href: address });
    expect(parseMarkup("**https://example.org**")).toEqual([bold({ kind: "link", text: "https://example.org", href: "https://example.org" })]);
    expect(parseMarkup("**див. https://example.org/_**")).toMatchObject([{ kind: "bold" }]);
  });

  test("lists and notifications read without markers", () => {
    expect(plainText("**a** _b_ ~~c~~ `d` ```\ne\n``` https://e.org")).toBe("a b c d e\n https://e.org");
  });
});

describe("properties", () => {
  test("no character is ever lost, moved or invented", () => {
    for (let seed = 1; seed <= 3000; seed += 1) {
      const next = random(seed);
      const source = madeUp(next, 1 + Math.floor(next() * 40));
      expect(sourceOf(parseMarkup(source))).toBe(source);
    }
  });

  test("links lead to the web and to nowhere else", () => {
    const links = (pieces: Piece[]): string[] =>
      pieces.flatMap((piece) => ("children" in piece ? links(piece.children) : piece.kind === "link" ? [piece.href] : []));
    for (let seed = 1; seed <= 500; seed += 1) {
      for (const href of links(parseMarkup(`javascript:alert(1) ${madeUp(random(seed), 30)}`))) expect(href).toMatch(/^https?:\/\/./);
    }
  });

  test.each([
    ..."*_~`([)".split(""), "**a ", "_a ", "a_", "**_~~", "```", "`a", "``` `", "**a** ", "_a_ ", "https://e.org/)", "http://a_b_** ", "\n\n", "\n ",
    "**_~~a~~_** ", "🙂_", "https://(",
  ])("8,000 characters of %j take no time", (scrap) => {
    const source = scrap.repeat(Math.ceil(8000 / scrap.length)).slice(0, 8000);
    const started = performance.now();
    expect(sourceOf(parseMarkup(source))).toBe(source);
    expect(performance.now() - started).toBeLessThan(250);
  });
});
