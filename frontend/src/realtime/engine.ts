import type { QueryClient } from "@tanstack/react-query";
import { readFileLimits, readJournal, sendMessage } from "@/api/chat";
import { session } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { Attachment, JournalEvent, Message, ServerFrame } from "@/api/types";
import { type UploadOptions, upload } from "@/api/upload";
import { fullJitter, pause } from "@/lib/backoff";
import { Emitter } from "@/lib/emitter";
import { measurePicture } from "@/lib/pictures";
import { applyEvent } from "./apply";
import { refetchEverything, retryFailed, showMessage, viewOf, writePatches } from "./cache";
import { type Database, type OutboxItem, addToOutbox, openDatabase, updateInOutbox } from "./database";
import { Deliveries } from "./deliveries";
import { Drafts } from "./drafts";
import { toJournalEvent } from "./frames";
import { TYPING_MS, createLiveStore } from "./live";
import { Outbox } from "./outbox";
import { Sequencer } from "./sequencer";
import { Socket } from "./socket";
import { Trays } from "./trays";
import { Uploads } from "./uploads";

const HOLD_MS = 500;

/** What one tab tells the others: that the outbox changed, by what it took from the composer or handed to the server. */
interface TabNotice {
  sent?: { peer_id: number; text: string | null };
  accepted?: Message | undefined;
}

/** Joins socket, journal, outbox and caches for the one person who is signed in. Made at sign-in, stopped at sign-out. */
export class Engine {
  readonly me: number;
  readonly live = createLiveStore();
  readonly sequencer = new Sequencer();
  /** Messages of others, each once, when they come: for what is said aloud and not only drawn. */
  readonly arrivals = new Emitter<Message>();
  readonly socket: Socket;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  readonly uploads: Uploads;
  readonly trays: Trays;
  private readonly database: Promise<Database | null>;
  private readonly client: QueryClient;
  private readonly deliveries: Deliveries;
  private readonly tabs: BroadcastChannel;
  private holdTimer: ReturnType<typeof setTimeout> | undefined;
  private catchingUp: Promise<void> | null = null;
  private watched: number[] = [];
  private stopped = false;
  private readonly unsubscribe: () => void;

  constructor(me: number, client: QueryClient) {
    this.me = me;
    this.client = client;
    // Without a database (private window, full disk) messages still go out; they only do not survive a reload.
    this.database = openDatabase(me).catch(() => null);
    this.tabs = new BroadcastChannel(`communication.outbox.${me}`);
    this.tabs.addEventListener("message", ({ data }: MessageEvent<TabNotice>) => {
      if (data.sent) this.drafts.sentElsewhere(data.sent.peer_id, data.sent.text);
      if (data.accepted) void this.outbox.acceptedElsewhere(data.accepted);
      void this.outbox.load();
    });
    this.socket = new Socket({
      url: () => this.url(),
      token: () => session.validToken(),
      renew: () => session.renew(),
      probe: () => this.catchUp(),
      onFrame: (frame) => this.receive(frame),
      onStatus: (connected) => this.connected(connected),
    });
    this.deliveries = new Deliveries(me, (frame) => this.socket.notify(frame));
    this.drafts = new Drafts(this.database);
    this.uploads = new Uploads((blob, options) => this.upload(blob, options));
    this.trays = new Trays({
      upload: (file) => this.uploads.upload(file),
      forget: (key) => this.uploads.forget(key),
      limits: readFileLimits,
      measure: (file) => measurePicture(this.uploads.previewOf(file)),
    });
    this.outbox = this.makeOutbox();
    this.uploads.located.on(({ key, location }) => void this.outbox.located(key, location));
    this.unsubscribe = session.tokens.on(({ token, sameSession }) => {
      if (sameSession) this.socket.authenticate(token);
      else this.socket.reconnect();
    });
  }

  private makeOutbox(): Outbox {
    return new Outbox({
      store: {
        all: async () => (await (await this.database)?.getAll("outbox")) ?? this.outbox.items.getState().items,
        add: async (item) => {
          const database = await this.database;
          if (database) await addToOutbox(database, item);
          const { peer_id, text } = item;
          this.tabs.postMessage({ sent: { peer_id, text } } satisfies TabNotice);
        },
        update: async (item) => {
          const database = await this.database;
          if (database) await updateInOutbox(database, item);
        },
        remove: async (clientId) => void (await (await this.database)?.delete("outbox", clientId)),
      },
      upload: (file) => this.uploads.upload(file),
      forget: (key) => this.uploads.forget(key),
      locationOf: (key) => this.uploads.locationOf(key),
      deliver: (item) => this.deliver(item),
      show: (message) => showMessage(this.client, this.me, message),
      exclusively: (name, work) =>
        navigator.locks ? navigator.locks.request(`communication.${this.me}.${name}`, work) : work(),
      announce: (accepted) => this.tabs.postMessage({ accepted } satisfies TabNotice),
      now: () => Date.now(),
    });
  }

  async start(): Promise<void> {
    for (let attempt = 0; !this.stopped && !this.live.getState().ready; attempt += 1) {
      try {
        const { epoch, head } = await readJournal(null);
        this.sequencer.start(epoch, head);
        this.live.setState({ ready: true });
      } catch {
        await pause(300 + fullJitter(attempt, 500, 15_000));
      }
    }
    if (this.stopped) return;
    this.socket.start();
    await this.outbox.load();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.holdTimer);
    this.unsubscribe();
    this.socket.stop();
    this.outbox.stop();
    this.uploads.stop();
    this.drafts.stop();
    this.deliveries.stop();
    this.tabs.close();
    void this.database.then((database) => database?.close());
  }

  /** Whose presence the screen shows. The list is told again after every reconnect. */
  watch(userIds: number[]): void {
    const wanted = [...new Set(userIds)].filter((id) => id !== this.me).sort((a, b) => a - b).slice(0, 200);
    if (wanted.join() === this.watched.join()) return;
    this.watched = wanted;
    this.tellWatched();
  }

  private tellWatched(): void {
    if (this.watched.length > 0) this.socket.notify({ type: "watch", user_ids: this.watched });
  }

  /** Unread messages found by loading a page count as delivered just like those that came as events. */
  markDelivered(peerId: number, messageId: number): void {
    this.deliveries.add(peerId, messageId);
  }

  private url(): string {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const query = new URLSearchParams({ since: String(this.sequencer.last), epoch: this.sequencer.epoch ?? "" });
    return `${scheme}://${window.location.host}/api/ws?${query}`;
  }

  private connected(connected: boolean): void {
    // Without a connection nobody knows who is there.
    this.live.setState(connected ? { connected } : { connected, typing: {}, presence: {} });
    if (!connected) return;
    retryFailed(this.client);
    this.tellWatched();
    this.deliveries.flush();
    this.outbox.wake();
    this.trays.resume();
    void this.trays.learnLimits();
  }

  private receive(frame: ServerFrame): void {
    switch (frame.type) {
      case "event":
        this.accept([toJournalEvent(frame)]);
        break;
      case "reset":
        this.reset(frame.epoch, frame.head);
        break;
      case "live":
      case "ping":
        if (frame.head > this.sequencer.last) void this.catchUp().catch(() => undefined);
        break;
      case "presence":
        this.live.setState(({ presence }) => ({ presence: { ...presence, [frame.user_id]: { online: frame.online, last_seen_at: frame.last_seen_at } } }));
        break;
      case "typing":
        this.live.setState(({ typing }) => ({ typing: { ...typing, [frame.peer_id]: frame.on ? Date.now() + TYPING_MS : 0 } }));
        break;
      default:
    }
  }

  private accept(events: JournalEvent[]): void {
    for (const event of events) {
      for (const ready of this.sequencer.accept(event)) this.apply(ready);
    }
    clearTimeout(this.holdTimer);
    if (this.sequencer.hasGap) this.holdTimer = setTimeout(() => void this.catchUp().catch(() => undefined), HOLD_MS);
  }

  private apply(event: JournalEvent): void {
    writePatches(this.client, applyEvent(viewOf(this.client, this.me), event));
    // Search results are not part of what the journal patches, but nothing deleted may stay in them.
    if (event.type === "message.deleted" || (event.type === "message.updated" && event.data.edited_at)) void this.client.invalidateQueries({ queryKey: ["search"] });
    // A block hides presence, and lifting it shows it again: only to those who ask.
    if (event.type === "block.changed") this.tellWatched();
    if (event.type === "message.created" && event.data.sender_id !== this.me) {
      this.live.setState(({ typing }) => ({ typing: { ...typing, [event.data.sender_id]: 0 } }));
      this.deliveries.add(event.data.sender_id, event.data.id);
      this.arrivals.emit(event.data);
    }
  }

  private reset(epoch: string, head: number): void {
    this.sequencer.start(epoch, head);
    refetchEverything(this.client);
  }

  /** Reads what is missing from the journal; several reasons at once are one reading. */
  private catchUp(): Promise<void> {
    this.catchingUp ??= this.readMissing().finally(() => {
      this.catchingUp = null;
    });
    return this.catchingUp;
  }

  private async readMissing(): Promise<void> {
    const { epoch, last } = this.sequencer;
    if (epoch === null) return;
    const page = await readJournal({ since: last, epoch });
    if (this.stopped) return;
    if (page.reset) {
      this.reset(page.epoch, page.head);
      return;
    }
    this.accept(page.events);
    // Progress is the condition, so that a confused server cannot keep this loop alive.
    if (page.has_more && this.sequencer.last > last) await this.readMissing();
  }

  /** Offline nothing is even tried: each attempt would be an error in the browser's log. */
  private upload(blob: Blob, options: UploadOptions): Promise<Attachment> {
    if (!this.socket.isReady && !navigator.onLine) return Promise.reject(new ApiError(0, "network"));
    return upload(blob, options);
  }

  private async deliver(item: OutboxItem): Promise<Message> {
    const body = {
      text: item.text,
      client_id: item.client_id,
      attachment_ids: item.files.flatMap(({ attachment }) => attachment?.id ?? []),
      reply_to_id: item.reply_to_id,
    };
    if (this.socket.isReady) {
      const result = await this.socket.request({ type: "send", to: item.peer_id, ...body });
      return result as Message;
    }
    if (!navigator.onLine) throw new ApiError(0, "network");
    return sendMessage({ receiver_id: item.peer_id, ...body });
  }
}
