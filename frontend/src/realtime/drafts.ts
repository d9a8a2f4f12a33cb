import { createStore } from "zustand/vanilla";
import type { Database } from "./database";

const SAVE_MS = 300;

/** The unsent text of every conversation. It survives leaving and reloading, and never touches localStorage. */
export class Drafts {
  readonly texts = createStore<Record<number, string>>(() => ({}));
  private readonly database: Promise<Database | null>;
  private readonly unsaved = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(database: Promise<Database | null>) {
    this.database = database;
    window.addEventListener("pagehide", this.save);
  }

  /** Brings back what an earlier visit left, unless something was written meanwhile. */
  async open(peerId: number): Promise<void> {
    const draft = await this.database.then((database) => database?.get("drafts", peerId)).catch(() => undefined);
    if (draft && this.texts.getState()[peerId] === undefined) this.texts.setState({ [peerId]: draft.text });
  }

  write(peerId: number, text: string): void {
    this.texts.setState({ [peerId]: text });
    this.unsaved.add(peerId);
    this.timer ??= setTimeout(this.save, SAVE_MS);
  }

  /** The message could not be kept: its text returns, before whatever was written since. */
  putBack(peerId: number, text: string): void {
    const since = this.texts.getState()[peerId] ?? "";
    this.write(peerId, since === "" ? text : `${text}\n${since}`);
  }

  /** Another tab sent this text, and with that deleted the conversation's draft. */
  sentElsewhere(peerId: number, text: string | null): void {
    const mine = this.texts.getState()[peerId];
    if (mine === text) this.texts.setState({ [peerId]: "" });
    else if (mine) this.write(peerId, mine);
  }

  stop(): void {
    window.removeEventListener("pagehide", this.save);
    this.save();
  }

  private readonly save = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const peer_id of this.unsaved) {
      const text = this.texts.getState()[peer_id];
      void this.database
        .then(async (database) => void (await (text ? database?.put("drafts", { peer_id, text }) : database?.delete("drafts", peer_id))))
        .catch(() => undefined);
    }
    this.unsaved.clear();
  };
}
