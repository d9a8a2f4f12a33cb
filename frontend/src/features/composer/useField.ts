import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { ComposerMode } from "./ModeBar";

/** What one types while the focus is nowhere in particular is meant for the composer. */
function isForComposer(event: KeyboardEvent): boolean {
  if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const { activeElement } = document;
  const nowhere = activeElement === document.body || activeElement?.getAttribute("role") === "log";
  return nowhere && !document.querySelector("dialog[open]");
}

/** The text area: grows with its text, has the focus when one wants to write, and takes what is put in at the caret. */
export function useField(text: string, mode: ComposerMode, change: (text: string) => void) {
  const field = useRef<HTMLTextAreaElement>(null);
  /** Where the caret belongs once the text that was put in is drawn. */
  const caret = useRef<number | null>(null);

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    // The border is outside of what can be scrolled.
    element.style.height = `${element.scrollHeight + element.offsetHeight - element.clientHeight}px`;
    if (caret.current === null) return;
    element.focus();
    element.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [text]);

  useEffect(() => {
    // On a touch screen the keyboard would cover the conversation that was just opened.
    if (mode.kind !== "new" || window.matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [mode]);

  useEffect(() => {
    const typed = (event: KeyboardEvent) => isForComposer(event) && field.current?.focus();
    window.addEventListener("keydown", typed);
    return () => window.removeEventListener("keydown", typed);
  }, []);

  const insert = useCallback(
    (inserted: string) => {
      const { selectionStart: from, selectionEnd: to, value } = field.current ?? { selectionStart: 0, selectionEnd: 0, value: "" };
      caret.current = from + inserted.length;
      change(value.slice(0, from) + inserted + value.slice(to));
    },
    [change],
  );
  return { field, insert };
}
