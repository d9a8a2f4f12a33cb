export interface TextPart {
  text: string;
  href: string | null;
}

const URLS = /https?:\/\/[^\s<>"'`]+/g;

/** A full stop or bracket after an address belongs to the sentence, unless the bracket was opened inside the address. */
function trimEnd(url: string): string {
  let end = url.length;
  for (; end > 0; end -= 1) {
    const last = url[end - 1] ?? "";
    const opened = last === ")" && url.slice(0, end).includes("(");
    if (!/[.,;:!?…)\]}»”’]/.test(last) || opened) break;
  }
  return url.slice(0, end);
}

/** Cuts plain text into text and links; the caller draws them, so nothing of it is ever read as markup. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (const match of text.matchAll(URLS)) {
    const url = trimEnd(match[0]);
    if (!URL.canParse(url)) continue;
    if (match.index > at) parts.push({ text: text.slice(at, match.index), href: null });
    parts.push({ text: url, href: url });
    at = match.index + url.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), href: null });
  return parts;
}
