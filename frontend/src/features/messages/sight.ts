/** Where the sticky day is. */
const STICKY_PX = 40;

/**
 * Whether the sticky day has no place: a line in sight above the topmost message is the line of that message's own day,
 * and a line at the very top stands where the sticky one would.
 */
export function hasDayAtTop(box: HTMLElement): boolean {
  const { top } = box.getBoundingClientRect();
  const topmost = [...box.querySelectorAll("article")].find((article) => article.getBoundingClientRect().bottom > top);
  const until = Math.max(top + STICKY_PX, topmost?.getBoundingClientRect().top ?? top);
  return [...box.querySelectorAll("[data-day-line]")].some((line) => {
    const place = line.getBoundingClientRect();
    return place.bottom > top && place.top < until;
  });
}
