import type { JournalEvent } from "@/api/types";

/** More than this out of order means something is badly behind: asking the journal is cheaper than remembering. */
const MAX_HELD = 200;
const MAX_RECENT = 500;

/** Puts events in journal order: each is applied exactly once, in sequence. Pure: no clock, no network. */
export class Sequencer {
  epoch: string | null = null;
  last = 0;
  private held = new Map<number, JournalEvent>();
  private recent: JournalEvent[] = [];

  start(epoch: string, head: number): void {
    this.epoch = epoch;
    this.last = head;
    this.held.clear();
    this.recent = [];
  }

  /** What may be applied now, in order. */
  accept(event: JournalEvent): JournalEvent[] {
    if (event.seq <= this.last) return [];
    this.held.set(event.seq, event);
    const ready: JournalEvent[] = [];
    for (let next = this.held.get(this.last + 1); next; next = this.held.get(this.last + 1)) {
      this.held.delete(next.seq);
      this.last = next.seq;
      ready.push(next);
    }
    if (this.held.size > MAX_HELD) this.held.clear();
    this.recent = [...this.recent, ...ready].slice(-MAX_RECENT);
    return ready;
  }

  get hasGap(): boolean {
    return this.held.size > 0;
  }

  /** Events applied since `seq`: a page that was requested at `seq` may have been read before they were committed. */
  since(seq: number): JournalEvent[] {
    return this.recent.filter((event) => event.seq > seq);
  }
}
