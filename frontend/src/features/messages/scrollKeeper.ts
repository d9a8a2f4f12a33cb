/** What the reader is to see next; until it is in place, it overrules where they were. */
export type Aim =
  | { kind: "end" }
  /** `top`: pixels from the upper edge of the list. */
  | { kind: "message"; key: string; top: number | "centre" };

export interface Placed {
  key: string;
  top: number;
}

/** Within about three lines of the end, new messages are followed. */
const NEAR_END_PX = 80;
/** Less than half a pixel cannot be scrolled away: browsers scroll by whole ones. */
const TOLERANCE_PX = 0.5;
/** What was not brought up by scrolling towards it for so long is not there. */
const PATIENCE_MS = 2000;

/**
 * Keeps what is being read where it is, to the pixel, whatever happens above or below it: at the end if the reader is
 * there, else at the topmost message that is wholly in sight. It measures and corrects before the browser paints, so
 * nothing is seen to move. Rows carry `data-key` and hold one `article` each.
 *
 * The browser's own scroll anchoring is off: it does not exist everywhere, and ends at the upper edge.
 */
export class ScrollKeeper {
  /** Whether the end of the list is the end of the conversation: only that is worth staying at. */
  endsInPresent = true;
  /** Where a row that is not drawn now probably begins. */
  estimate: (key: string) => number | undefined = () => undefined;
  /** Where messages stand that are in sight, the best to hold on to first. */
  private held: Placed[] = [];
  /** How far below its place what is held stands, for want of fractions: else many small changes would add up. */
  private rest = 0;
  private aim: Aim | null = null;
  private aimedAt = 0;
  private isAtEnd = true;
  private near = true;
  private scrollTop = 0;
  private topmost: string | undefined;
  private lowest: string | undefined;
  private readonly box: HTMLElement;

  constructor(box: HTMLElement) {
    this.box = box;
  }

  get isAiming(): boolean {
    return this.aim !== null;
  }

  get isNearEnd(): boolean {
    return this.near;
  }

  /** What has to be drawn, wherever the scroll position says one is: what everything else moves around, or what is aimed at. */
  get anchorKey(): string | undefined {
    if (this.aim) return this.aim.kind === "message" ? this.aim.key : undefined;
    return this.isAtEnd ? undefined : this.held[0]?.key;
  }

  /** What to come back to later; null at the end, where one comes back to whatever the end is then. */
  get place(): Placed | null {
    return this.near && this.endsInPresent ? null : (this.held[0] ?? null);
  }

  /** The first message of which anything is in sight. */
  get topmostKey(): string | undefined {
    return this.topmost;
  }

  /** The last message of which at least half is in sight, or was above. */
  get lowestKey(): string | undefined {
    return this.lowest;
  }

  goTo(aim: Aim): void {
    this.aim = aim;
    this.aimedAt = performance.now();
    this.settle();
    // Where it is aimed at the scroll position may have been all along; then nothing else would have its rows drawn.
    if (this.aim) queueMicrotask(() => this.box.dispatchEvent(new Event("scroll")));
  }

  /** To be called after every change of the content, the size or the scroll position, before the browser paints. */
  settle(): void {
    const now = this.box.scrollTop;
    // What the browser cuts off when the content shrinks looks like scrolling up to the very end, but nobody scrolled.
    const wasCut = now < this.scrollTop && now >= this.maxTop - 1;
    const scrolled = wasCut ? 0 : now - this.scrollTop;
    this.rest = 0;
    if (this.aim) this.approach(this.aim);
    else if (this.isAtEnd && scrolled >= 0) this.box.scrollTop = this.box.scrollHeight;
    else this.correct(now, scrolled);
    this.remember();
  }

  private approach(aim: Aim): void {
    const { box } = this;
    if (aim.kind === "end") {
      this.aim = null;
      box.scrollTop = box.scrollHeight;
      return;
    }
    const article = this.articleOf(aim.key);
    if (article) {
      const { top, height } = article.getBoundingClientRect();
      const wanted = aim.top === "centre" ? Math.max(0, (box.clientHeight - height) / 2) : aim.top;
      box.scrollTop += top - this.boxTop - wanted;
      this.aim = null;
      return;
    }
    const estimated = this.estimate(aim.key);
    if (estimated === undefined || performance.now() - this.aimedAt > PATIENCE_MS) this.aim = null;
    // Where it might be: the rows there are drawn next, and this is called again.
    else box.scrollTop = estimated - box.clientHeight / 3;
  }

  private correct(now: number, scrolled: number): void {
    for (const { key, top } of this.held) {
      const article = this.articleOf(key);
      if (!article) continue;
      const moved = article.getBoundingClientRect().top - this.boxTop - (top - scrolled);
      if (Math.abs(moved) > TOLERANCE_PX) this.box.scrollTop = now + moved;
      const rest = moved - (this.box.scrollTop - now);
      // More than that is an edge of the content: there the reader stays where they got.
      this.rest = Math.abs(rest) < 1 ? rest : 0;
      return;
    }
  }

  private remember(): void {
    const { box } = this;
    const { top: boxTop, bottom: boxBottom } = box.getBoundingClientRect();
    const cut: Placed[] = [];
    const whole: Placed[] = [];
    this.lowest = undefined;
    for (const article of box.querySelectorAll("article")) {
      const { top, bottom } = article.getBoundingClientRect();
      const key = article.closest<HTMLElement>("[data-key]")?.dataset.key;
      if (key === undefined) continue;
      if (bottom > boxTop && top < boxBottom) (top < boxTop ? cut : whole).push({ key, top: top - boxTop - this.rest });
      if (bottom > boxTop && (top + bottom) / 2 <= boxBottom) this.lowest = key;
    }
    this.held = [...whole, ...cut];
    this.topmost = (cut[0] ?? whole[0])?.key;
    this.scrollTop = box.scrollTop;
    const left = this.maxTop - this.scrollTop;
    this.near = left < NEAR_END_PX;
    this.isAtEnd = this.endsInPresent && left <= 1;
  }

  private get maxTop(): number {
    return this.box.scrollHeight - this.box.clientHeight;
  }

  private get boxTop(): number {
    return this.box.getBoundingClientRect().top;
  }

  private articleOf(key: string): HTMLElement | null {
    return this.box.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"] article`);
  }
}
