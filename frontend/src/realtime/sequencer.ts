import type { JournalEvent } from "@/api/types";

/** More than this out of order means something is badly behind: asking the journal is cheaper than remembering. */
const MAX_HELD = 200;
const MAX_RECENT = 500;

/** A place in the journal. */
export interface Position {
  epoch: string | null;
  seq: number;
}

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

  get position(): Position {
    return { epoch: this.epoch, seq: this.last };
  }

  /**
   * Events applied since then: a page that was requested there may have been read before they were committed. Null when
   * they are not known: there were too many, or the journal began anew.
   */
  since({ epoch, seq }: Position): JournalEvent[] | null {
    const events = this.recent.filter((event) => event.seq > seq);
    return epoch === this.epoch && events.length === this.last - seq ? events : null;
  }
}
