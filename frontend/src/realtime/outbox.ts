import { createStore } from "zustand/vanilla";
import { ApiError, toApiError } from "@/api/errors";
import type { Attachment, Message } from "@/api/types";
import { fullJitter, pause } from "@/lib/backoff";
import { newUuid } from "@/lib/ids";
import type { LocalFile, OutboxItem } from "./database";

export interface OutboxStore {
  all(): Promise<OutboxItem[]>;
  add(item: OutboxItem): Promise<void>;
  /** Does nothing when the item is not there any more. */
  update(item: OutboxItem): Promise<void>;
  remove(clientId: string): Promise<void>;
}

export interface OutboxPorts {
  store: OutboxStore;
  /** Repeating it for the same file joins the upload that is under way. */
  upload(file: LocalFile): Promise<Attachment>;
  /** Ends a file's upload and gives up what is kept for it. */
  forget(fileKey: string): void;
  /** Where a file's upload goes on, as far as this page knows. */
  locationOf(fileKey: string): string | null;
  /** Hands one message to the server; safe to repeat, because the server remembers `client_id`. */
  deliver(item: OutboxItem): Promise<Message>;
  /** Shows what the server has now. Resolves when its conversation has it, or when nobody looks at that. */
  show(message: Message): Promise<void>;
  /** Runs `work` in one tab at a time. */
  exclusively(name: string, work: () => Promise<void>): Promise<void>;
  /** Tells the other tabs that the stored items changed, and which of them became a message. */
  announce(accepted?: Message): void;
  now(): number;
}

export type NewMessage = Pick<OutboxItem, "peer_id" | "text" | "files" | "reply_to_id">;

const byPosition = (a: OutboxItem, b: OutboxItem) => a.position - b.position;

/**
 * Messages on their way out, with their files. They are written to disk before anything is sent, leave in the order they
 * were written (per conversation), and go away only when the server has them or their author says so.
 *
 * Every change goes to the disk first and into `items` then. So a reading of the disk that another tab caused cannot
 * bring back what was already changed here.
 */
export class Outbox {
  readonly items = createStore<{ items: OutboxItem[] }>(() => ({ items: [] }));
  private readonly ports: OutboxPorts;
  private readonly draining = new Set<number>();
  /** Shown already, not on disk yet: they are not sent, and reading the disk must not make them vanish for a moment. */
  private readonly unsaved = new Set<string>();
  /** The server has them; they are shown from here until their conversation has them. */
  private readonly accepted = new Set<string>();
  /** Their files were uploaded once more, because the server had forgotten them. */
  private readonly renewed = new Set<string>();
  private wakeUp = new AbortController();
  private stopped = false;

  constructor(ports: OutboxPorts) {
    this.ports = ports;
  }

  /** Takes up what an earlier visit, or another tab, left behind. */
  async load(): Promise<void> {
    await this.refresh();
    this.kick();
  }

  /** Rejects when the browser has no room for it; then nothing of it is kept here. */
  async add(message: NewMessage): Promise<void> {
    const last = this.list.at(-1)?.position ?? 0;
    const item: OutboxItem = {
      ...message,
      files: message.files.map((file) => ({ ...file, location: this.ports.locationOf(file.key) ?? file.location })),
      client_id: newUuid(),
      position: Math.max(this.ports.now(), last + 1),
      created_at: new Date(this.ports.now()).toISOString(),
      failed_code: null,
      failed_file: null,
    };
    this.unsaved.add(item.client_id);
    this.show([...this.list, item]);
    try {
      await this.save(item);
    } catch (error) {
      this.show(this.list.filter(({ client_id }) => client_id !== item.client_id));
      throw error;
    } finally {
      this.unsaved.delete(item.client_id);
      this.kick();
    }
    this.ports.announce();
  }

  async retry(clientId: string): Promise<void> {
    this.renewed.delete(clientId);
    await this.change(clientId, { failed_code: null, failed_file: null });
    this.kick();
  }

  async discard(clientId: string): Promise<void> {
    await this.ports.store.remove(clientId).catch(() => undefined);
    this.drop(clientId);
    this.ports.announce();
  }

  /** Another tab handed it to the server, and takes it from the disk. */
  async acceptedElsewhere(message: Message): Promise<void> {
    await this.keepUntilShown(message);
    await this.load();
  }

  /** A file's upload has an address now: after a reload it goes on there. */
  async located(fileKey: string, location: string | null): Promise<void> {
    const item = this.list.find(({ files }) => files.some(({ key }) => key === fileKey));
    if (item) await this.changeFiles(item.client_id, (file) => (file.key === fileKey ? { ...file, location } : file));
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

  private get list(): OutboxItem[] {
    return this.items.getState().items;
  }

  private show(items: OutboxItem[]): void {
    this.items.setState({ items });
  }

  private find(clientId: string): OutboxItem | undefined {
    return this.list.find((item) => item.client_id === clientId);
  }

  private async keepUntilShown(message: Message): Promise<void> {
    this.accepted.add(message.client_id);
    await this.ports.show(message);
    this.accepted.delete(message.client_id);
  }

  /** Shows these, and gives up what was kept for the files of all others. */
  private keepOnly(items: OutboxItem[]): void {
    const kept = new Set(items.map(({ client_id }) => client_id));
    const gone = this.list.filter(({ client_id }) => !kept.has(client_id));
    this.show(items);
    for (const { client_id, files } of gone) {
      this.renewed.delete(client_id);
      for (const file of files) this.ports.forget(file.key);
    }
  }

  private drop(clientId: string): void {
    this.keepOnly(this.list.filter(({ client_id }) => client_id !== clientId));
  }

  private async save(item: OutboxItem): Promise<void> {
    try {
      await this.ports.store.add(item);
    } catch (error) {
      // No room for the bytes: if the server has them all, the message can go without them.
      if (item.files.length === 0 || item.files.some(({ attachment }) => !attachment)) throw error;
      await this.ports.store.add({ ...item, files: item.files.map((file) => ({ ...file, blob: null })) });
    }
  }

  private async refresh(): Promise<void> {
    const stored = await this.ports.store.all().catch(() => this.list);
    const known = new Set(stored.map((item) => item.client_id));
    const isKept = (id: string) => (this.unsaved.has(id) || this.accepted.has(id)) && !known.has(id);
    const kept = this.list.filter(({ client_id }) => isKept(client_id));
    this.keepOnly([...stored, ...kept].sort(byPosition));
  }

  private kick(): void {
    const peers = new Set(this.list.filter((item) => item.failed_code === null).map((item) => item.peer_id));
    for (const peer of peers) void this.drain(peer);
  }

  private next(peerId: number): OutboxItem | undefined {
    const isWaiting = (item: OutboxItem) => item.failed_code === null && !this.accepted.has(item.client_id);
    const first = this.list.find((item) => item.peer_id === peerId && isWaiting(item));
    return first && !this.unsaved.has(first.client_id) ? first : undefined;
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
    // Another tab may have sent some of it while this one waited for its turn.
    await this.refresh();
    for (let item = this.next(peerId); item && !this.stopped; item = this.next(peerId)) {
      const failure = await this.send(item.client_id);
      if (failure) return failure;
    }
    return null;
  }

  /** Null when the message is settled, or is to be tried again at once. */
  private async send(clientId: string): Promise<ApiError | null> {
    try {
      const item = await this.uploadFiles(clientId);
      if (!item) return null;
      const message = await this.ports.deliver(item);
      // The other tabs hear of it before it leaves the disk, or it would be missing there for a moment.
      this.ports.announce(message);
      const shown = this.keepUntilShown(message);
      await this.ports.store.remove(clientId).catch(() => undefined);
      void shown.then(() => this.drop(clientId));
      this.ports.announce();
      return null;
    } catch (error) {
      const failure = toApiError(error);
      const item = this.find(clientId);
      if (!item) return null;
      if (failure.isTransient || failure.status === 401) return failure;
      await this.refused(item, failure.code);
      return null;
    }
  }

  /** One after the other; each one's id is on disk before the next begins. Nothing when the message was taken back. */
  private async uploadFiles(clientId: string): Promise<OutboxItem | undefined> {
    for (let item = this.find(clientId); item; item = this.find(clientId)) {
      const file = item.files.find(({ attachment }) => !attachment);
      if (!file) return item;
      const attachment = await this.ports.upload(file);
      await this.changeFiles(clientId, (each) => (each.key === file.key ? { ...each, attachment } : each));
    }
    return undefined;
  }

  private async refused(item: OutboxItem, code: string): Promise<void> {
    const notUploaded = item.files.find(({ attachment }) => !attachment);
    const maybeForgotten = code === "not_found" && !notUploaded && item.files.some(({ blob }) => blob);
    if (!maybeForgotten || this.renewed.has(item.client_id)) {
      await this.change(item.client_id, { failed_code: code, failed_file: notUploaded?.name ?? null });
      return;
    }
    this.renewed.add(item.client_id);
    for (const file of item.files) this.ports.forget(file.key);
    await this.changeFiles(item.client_id, (file) => (file.blob ? { ...file, location: null, attachment: null } : file));
  }

  private changeFiles(clientId: string, change: (file: LocalFile) => LocalFile): Promise<void> {
    return this.change(clientId, { files: this.find(clientId)?.files.map(change) ?? [] });
  }

  private async change(clientId: string, fields: Partial<OutboxItem>): Promise<void> {
    const item = this.find(clientId);
    if (item) await this.ports.store.update({ ...item, ...fields }).catch(() => undefined);
    this.show(this.list.map((each) => (each.client_id === clientId ? { ...each, ...fields } : each)));
    this.ports.announce();
  }
}
