import type { TFunction } from "i18next";
import { plainText } from "@/lib/markup";

interface Summarised {
  text: string | null;
  deleted_at: string | null;
  attachments: readonly { filename: string; thumbnail_url: string | null }[];
}

export interface Summary {
  kind: "deleted" | "text" | "photos" | "file" | "files";
  text: string;
}

const MAX_LENGTH = 300;

/** One line that says what a message is; without text, what its files are. */
export function summarise({ text, deleted_at, attachments }: Summarised, t: TFunction): Summary {
  if (deleted_at) return { kind: "deleted", text: t("messages.deleted") };
  // A list has room for a line, so there is no need to read 8,000 characters for it.
  const said = text === null ? "" : plainText(text.slice(0, MAX_LENGTH)).replaceAll(/\s+/g, " ").trim();
  if (said) return { kind: "text", text: said };
  const [first, ...others] = attachments;
  if (attachments.every((file) => file.thumbnail_url !== null)) {
    return { kind: "photos", text: others.length === 0 ? t("chats.photo") : t("chats.photos", { count: attachments.length }) };
  }
  if (first && others.length === 0) return { kind: "file", text: first.filename };
  return { kind: "files", text: t("chats.files", { count: attachments.length }) };
}
