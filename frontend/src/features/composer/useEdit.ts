import { useLayoutEffect, useRef, useState } from "react";
import type { Message } from "@/api/types";
import type { ComposerMode } from "./ModeBar";

export const NEW: ComposerMode = { kind: "new" };

/** Resolves to the message as it is now, or to null when the change was not accepted. */
export type SaveEdit = (message: Message, text: string) => Promise<Message | null>;

/** The text of a message that is being changed: beside the draft, which waits until that is done. */
export function useEdit(mode: ComposerMode, onModeChange: (mode: ComposerMode) => void, onSave: SaveEdit) {
  const [edited, setEdited] = useState({ id: 0, text: "" });
  const message = mode.kind === "edit" ? mode.message : null;
  if (message && edited.id !== message.id) setEdited({ id: message.id, text: message.text ?? "" });
  const latest = useRef(edited);
  useLayoutEffect(() => {
    latest.current = message ? edited : { id: 0, text: "" };
  });

  const end = () => {
    setEdited({ id: 0, text: "" });
    onModeChange(NEW);
  };
  const save = async () => {
    if (!message) return;
    const { text } = edited;
    const saved = text === message.text ? message : await onSave(message, text);
    // Meanwhile one may have left this edit, or written more of it: neither may be taken away by the answer.
    if (!saved || latest.current.id !== message.id) return;
    if (latest.current.text === text) end();
    else onModeChange({ kind: "edit", message: saved });
  };
  return { message, text: edited.text, change: (text: string) => setEdited({ id: message?.id ?? 0, text }), save, end };
}
