import type { ClientFrame } from "@/api/types";

const GATHER_MS = 100;

/** Tells senders that their messages arrived here: the newest per person, gathered over a moment, repeated until said. */
export class Deliveries {
  private readonly pending = new Map<number, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly me: number;
  private readonly notify: (frame: ClientFrame) => boolean;

  constructor(me: number, notify: (frame: ClientFrame) => boolean) {
    this.me = me;
    this.notify = notify;
  }

  add(peerId: number, messageId: number): void {
    if (peerId === this.me) return;
    this.pending.set(peerId, Math.max(this.pending.get(peerId) ?? 0, messageId));
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [peer_id, message_id] of this.pending) {
      if (this.notify({ type: "delivered", peer_id, message_id })) this.pending.delete(peer_id);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
