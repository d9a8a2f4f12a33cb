import { createStore } from "zustand/vanilla";
import { ApiError } from "@/api/errors";
import type { Attachment } from "@/api/types";
import { PAUSED, type UploadOptions } from "@/api/upload";
import { Emitter } from "@/lib/emitter";
import type { LocalFile } from "./database";

const AT_ONCE = 3;
/** A picture that was just handed over may still be decoding. */
const REVOKE_AFTER_MS = 10_000;
const PREVIEWED = /^image\/(png|jpeg|gif|webp|avif)$/;

interface Job {
  controller: AbortController;
  result: Promise<Attachment>;
}

/**
 * Files on their way to the server. Whoever asks for the same file shares one upload: the tray that began it early, and
 * the message that it then left with.
 */
export class Uploads {
  /** 0…1 by the file's key, while it is under way. */
  readonly progress = createStore<Record<string, number>>(() => ({}));
  /** A large file's upload has an address now (or no more), at which it goes on after a reload. */
  readonly located = new Emitter<{ key: string; location: string | null }>();
  private readonly locations = new Map<string, string>();
  private readonly transport: (blob: Blob, options: UploadOptions) => Promise<Attachment>;
  private readonly jobs = new Map<string, Job>();
  private readonly previews = new Map<string, string>();
  private readonly queue: (() => void)[] = [];
  private running = 0;

  constructor(transport: (blob: Blob, options: UploadOptions) => Promise<Attachment>) {
    this.transport = transport;
  }

  upload(file: LocalFile): Promise<Attachment> {
    if (file.attachment) return Promise.resolve(file.attachment);
    const known = this.jobs.get(file.key);
    if (known) return known.result;
    const controller = new AbortController();
    const result = this.run(file, controller.signal);
    this.jobs.set(file.key, { controller, result });
    result.catch(() => this.jobs.get(file.key)?.result === result && this.jobs.delete(file.key));
    return result;
  }

  /** Where the upload of this file goes on, if this page knows. */
  locationOf(key: string): string | null {
    return this.locations.get(key) ?? null;
  }

  /** Ends its upload, if there is one, and gives up all that is kept for it. */
  forget(key: string): void {
    this.jobs.get(key)?.controller.abort();
    this.jobs.delete(key);
    this.locations.delete(key);
    const url = this.previews.get(key);
    this.previews.delete(key);
    if (url) setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
  }

  /** An address at which this page can show the picture, without the server. */
  previewOf({ key, type, blob }: LocalFile): string | null {
    const known = this.previews.get(key);
    if (known || !blob || !PREVIEWED.test(type)) return known ?? null;
    const url = URL.createObjectURL(blob);
    this.previews.set(key, url);
    return url;
  }

  stop(): void {
    for (const { controller } of this.jobs.values()) controller.abort(PAUSED);
    for (const url of this.previews.values()) URL.revokeObjectURL(url);
    this.previews.clear();
  }

  private async run({ key, name, blob, location }: LocalFile, signal: AbortSignal): Promise<Attachment> {
    // A few at a time: they share the browser's connections with everything else that is going on.
    this.running += 1;
    if (this.running > AT_ONCE) await new Promise<void>((resolve) => void this.queue.push(resolve));
    try {
      if (signal.aborted) throw new ApiError(0, "cancelled");
      if (!blob) throw new ApiError(404, "not_found");
      this.tell(key, 0);
      return await this.transport(blob, {
        name,
        signal,
        location: this.locationOf(key) ?? location ?? null,
        onProgress: (share) => this.tell(key, share),
        onLocation: (known) => this.locate(key, known),
      });
    } finally {
      this.running -= 1;
      this.queue.shift()?.();
      this.tell(key, null);
    }
  }

  private locate(key: string, location: string | null): void {
    if (location === null) this.locations.delete(key);
    else this.locations.set(key, location);
    this.located.emit({ key, location });
  }

  private tell(key: string, share: number | null): void {
    const { [key]: _before, ...others } = this.progress.getState();
    this.progress.setState(share === null ? others : { ...others, [key]: share }, true);
  }
}
