import { useEffect, useEffectEvent } from "react";
import { useFindPeople } from "@/features/people/findPeople";

/** By the letter, and by the place of the key: on a Ukrainian keyboard it types another letter. */
const isKey = (event: KeyboardEvent, letter: string) =>
  event.key.toLowerCase() === letter || event.code === `Key${letter.toUpperCase()}`;

/** Up or down in the list of conversations, from wherever the focus is. */
function openNeighbour(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("nav ul a[href^='/chat/']")];
  const at = links.findIndex((link) => link.getAttribute("aria-current") === "page");
  if (at < 0) links[0]?.click();
  else links[at + step]?.click();
}

/** The keys that work everywhere, except while a dialog asks something. */
export function useShortcuts(onHelp: () => void): void {
  const findPeople = useFindPeople();
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const step = event.altKey && !event.ctrlKey && !event.shiftKey && { ArrowUp: -1 as const, ArrowDown: 1 as const }[event.key];
    if (command && isKey(event, "k")) findPeople();
    else if (command && (event.key === "/" || event.code === "Slash")) onHelp();
    else if (step) openNeighbour(step);
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
