import type { KeyboardEvent } from "react";

const isVisible = (element: HTMLElement) => element.offsetParent !== null;

/** Up and down through the links of a list, and from the field above it into it and back. */
export function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("ul a[href]")].filter(isVisible);
  const at = links.indexOf(document.activeElement as HTMLElement);
  const inField = document.activeElement instanceof HTMLInputElement;
  if (at < 0 && !inField) return;
  const targets: Record<string, HTMLElement | null | undefined> = {
    ArrowDown: links[at + 1],
    ArrowUp: at === 0 ? event.currentTarget.querySelector<HTMLElement>("input[type=search]") : links[at - 1],
    ...(inField ? {} : { Home: links[0], End: links.at(-1) }),
  };
  if (!(event.key in targets)) return;
  event.preventDefault();
  targets[event.key]?.focus();
}
