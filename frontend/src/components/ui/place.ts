const GAP = 6;

/** Below its anchor if there is room, else above; never outside the window. */
export function place(anchor: HTMLElement, floating: HTMLElement): void {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = floating;
  const below = box.bottom + GAP;
  const top = below + height <= window.innerHeight - GAP ? below : box.top - GAP - height;
  const left = Math.min(Math.max(GAP, box.right - width), window.innerWidth - width - GAP);
  floating.style.top = `${Math.min(Math.max(GAP, top), Math.max(GAP, window.innerHeight - height - GAP))}px`;
  floating.style.left = `${Math.max(GAP, left)}px`;
}
