import { createStore } from "zustand/vanilla";
import { ApiError, toApiError } from "@/api/errors";
import type { Message } from "@/api/types";
import { fullJitter, pause } from "@/lib/backoff";
import { newUuid } from "@/lib/ids";
import type { OutboxItem } from "./database";

export interface OutboxStore {
  all(): Promise<OutboxItem[]>;
  put(item: OutboxItem): Promise<void>;
  remove(clientId: string): Promise<void>;
}

export interface OutboxPorts {
  store: OutboxStore;
  /** Hands one message to the server; safe to repeat, because the server remembers `client_id`. */
  deliver(item: OutboxItem): Promise<Message>;
  onAccepted(message: Message): void;
  /** Runs `work` in one tab at a time. */
  exclusively(name: string, work: () => Promise<void>): Promise<void>;
  /** Tells the other tabs that the stored items changed. */
  announce(): void;
  now(): number;
}

export type NewMessage = Pick<OutboxItem, "peer_id" | "text" | "attachments" | "reply_to_id">;

const byPosition = (a: OutboxItem, b: OutboxItem) => a.position - b.position;

/**
 * Messages on their way out. They are written to disk before anything is sent, leave in the order they were written
 * (per conversation), and go away only when the server has them or their author says so.
 */
export class Outbox {
  readonly items = createStore<{ items: OutboxItem[] }>(() => ({ items: [] }));
  private readonly ports: OutboxPorts;
  private readonly draining = new Set<number>();
  /** Shown already, not on disk yet: reading the disk must not make them vanish for a moment. */
  private readonly unsaved = new Set<string>();
  private wakeUp = new AbortController();
  private stopped = false;

  constructor(ports: OutboxPorts) {
    this.ports = ports;
  }

  /** Takes up what an earlier visit, or another tab, left behind. */
  async load(): Promise<void> {
    const stored = await this.ports.store.all();
    const known = new Set(stored.map((item) => item.client_id));
    const fresh = this.items.getState().items.filter((item) => this.unsaved.has(item.client_id) && !known.has(item.client_id));
    this.items.setState({ items: [...stored, ...fresh].sort(byPosition) });
    this.kick();
  }

  async add(message: NewMessage): Promise<void> {
    const last = this.items.getState().items.at(-1)?.position ?? 0;
    const item: OutboxItem = {
      ...message,
      client_id: newUuid(),
      position: Math.max(this.ports.now(), last + 1),
      created_at: new Date(this.ports.now()).toISOString(),
      failed_code: null,
    };
    this.unsaved.add(item.client_id);
    this.items.setState(({ items }) => ({ items: [...items, item] }));
    await this.ports.store.put(item).catch(() => undefined);
    this.unsaved.delete(item.client_id);
    this.ports.announce();
    this.kick();
  }

  async retry(clientId: string): Promise<void> {
    await this.change(clientId, { failed_code: null });
    this.kick();
  }

  async discard(clientId: string): Promise<void> {
    this.items.setState(({ items }) => ({ items: items.filter((item) => item.client_id !== clientId) }));
    await this.ports.store.remove(clientId).catch(() => undefined);
    this.ports.announce();
  }

  /** The way to the server is open again: do not wait for the timer. */
  wake(): void {
    this.wakeUp.abort();
    this.wakeUp = new AbortController();
    this.kick();
  }

  stop(): void {
    this.stopped = true;
    this.wakeUp.abort();
  }

  private kick(): void {
    const peers = new Set(this.items.getState().items.filter((item) => item.failed_code === null).map((item) => item.peer_id));
    for (const peer of peers) void this.drain(peer);
  }

  private next(peerId: number): OutboxItem | undefined {
    return this.items.getState().items.find((item) => item.peer_id === peerId && item.failed_code === null);
  }

  private async drain(peerId: number): Promise<void> {
    if (this.draining.has(peerId) || this.stopped) return;
    this.draining.add(peerId);
    try {
      for (let attempt = 0; this.next(peerId) && !this.stopped; attempt += 1) {
        let failure: ApiError | null = null;
        await this.ports.exclusively(`outbox.${peerId}`, async () => {
          failure = await this.sendAll(peerId);
        });
        if (failure) await this.waitAfter(failure, attempt);
      }
    } finally {
      this.draining.delete(peerId);
    }
  }

  private waitAfter(failure: ApiError, attempt: number): Promise<void> {
    const asked = failure.retryAfter === null ? 0 : failure.retryAfter * 1000;
    return pause(Math.max(asked, 300 + fullJitter(attempt, 1000, 30_000)), this.wakeUp.signal);
  }

  /** Sends until nothing is left, or until the first failure that may pass; gives that failure back. */
  private async sendAll(peerId: number): Promise<ApiError | null> {
    for (let item = this.next(peerId); item && !this.stopped; item = this.next(peerId)) {
      try {
        const message = await this.ports.deliver(item);
        this.ports.onAccepted(message);
        await this.discard(item.client_id);
      } catch (error) {
        const failure = toApiError(error);
        if (failure.isTransient || failure.status === 401) return failure;
        await this.change(item.client_id, { failed_code: failure.code });
      }
    }
    return null;
  }

  private async change(clientId: string, fields: Partial<OutboxItem>): Promise<void> {
    const items = this.items.getState().items.map((item) => (item.client_id === clientId ? { ...item, ...fields } : item));
    this.items.setState({ items });
    const changed = items.find((item) => item.client_id === clientId);
    if (changed) await this.ports.store.put(changed).catch(() => undefined);
    this.ports.announce();
  }
}
