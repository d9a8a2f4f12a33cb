import { useEffect, useRef } from "react";
import { useSearchPanel } from "@/features/search/searchState";

/** Narrower than this, the panel lies over the conversation (Tailwind's xl). */
const BESIDE = "(min-width: 80rem)";

/** The search panel of a conversation: its button, its key, and the focus that goes back. */
export function useSearch(peerId: number) {
  const { isOpen, open, close } = useSearchPanel(peerId);
  const button = useRef<HTMLButtonElement>(null);

  const leave = () => {
    close();
    button.current?.focus();
  };

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "f" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      // The browser finds only what is drawn, which is a small part; asked twice, it may try.
      const field = document.querySelector<HTMLElement>("main search input[type=search]");
      if ((field && field === document.activeElement) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      if (field) field.focus();
      else open();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  });

  return {
    isOpen,
    button,
    close: leave,
    toggle: isOpen ? leave : open,
    /** Where the conversation would be covered, the panel goes away. */
    makeRoom: () => {
      if (!window.matchMedia(BESIDE).matches) close();
    },
  };
}
