import { createStore } from "zustand/vanilla";
import { ApiError, toApiError } from "@/api/errors";
import type { Attachment, FileLimits } from "@/api/types";
import { newUuid } from "@/lib/ids";
import type { LocalFile } from "./database";

/** What the contract says; the server's own word counts once it is known. */
const MAX_FILES = 10;
/** Beyond this, choosing was a mistake. */
const MAX_CHIPS = 50;
export const TOO_MANY = "too_many_files";

export interface Chip {
  file: LocalFile;
  failure: ApiError | null;
}

export interface TrayPorts {
  upload(file: LocalFile): Promise<Attachment>;
  forget(key: string): void;
  limits(): Promise<FileLimits>;
  /** The size of a picture as it is shown; null for anything else. */
  measure(file: LocalFile): Promise<{ width: number; height: number } | null>;
}

/** It will not get better by waiting: the file itself is the reason. */
export const isRefused = ({ failure }: Chip) => failure !== null && !failure.isTransient;

function localFile(file: File): LocalFile {
  return { key: newUuid(), name: file.name, type: file.type, size: file.size, width: null, height: null, blob: file, location: null, attachment: null };
}

/** The files chosen for the next message of each conversation. They go up while the text is still being written. */
export class Trays {
  readonly chips = createStore<Record<number, Chip[]>>(() => ({}));
  readonly limits = createStore<{ known: FileLimits | null }>(() => ({ known: null }));
  private readonly ports: TrayPorts;
  private readonly started = new Set<string>();
  private asking: Promise<void> | null = null;

  constructor(ports: TrayPorts) {
    this.ports = ports;
  }

  /** Gives back how many found no place. */
  async add(peerId: number, files: readonly File[]): Promise<number> {
    const before = this.of(peerId);
    const added = files.slice(0, Math.max(0, MAX_CHIPS - before.length)).map((file): Chip => ({ file: localFile(file), failure: null }));
    this.write(peerId, [...before, ...added]);
    for (const { file } of added) void this.measure(peerId, file);
    // What is known may be out of date in one way only: files were deleted, and there is room again.
    const unsure = this.limits.getState().known === null || added.some(({ file }) => this.reasonAgainst(file) !== null);
    await this.learnLimits(unsure);
    this.admit(peerId);
    return files.length - added.length;
  }

  remove(peerId: number, key: string): void {
    this.drop(peerId, [key]);
    this.ports.forget(key);
    this.admit(peerId);
  }

  async retry(peerId: number, key: string): Promise<void> {
    this.started.delete(key);
    this.patch(peerId, key, { failure: null });
    await this.learnLimits();
    this.admit(peerId);
  }

  /** Takes the files out of the tray and into a message, uploaded or not; those that cannot go stay, with the reason. */
  take(peerId: number): LocalFile[] {
    const taken = this.sendable(peerId).map(({ file }) => file);
    this.drop(peerId, taken.map(({ key }) => key));
    this.admit(peerId);
    return taken;
  }

  /** The message could not be kept: its files return. */
  putBack(peerId: number, files: readonly LocalFile[]): void {
    this.write(peerId, [...files.map((file): Chip => ({ file, failure: null })), ...this.of(peerId)]);
    this.admit(peerId);
  }

  /** The connection is back: what was waiting for it goes on. */
  resume(): void {
    for (const [peerId, chips] of Object.entries(this.chips.getState())) {
      for (const { file, failure } of chips) if (failure?.isTransient) void this.start(Number(peerId), file);
    }
  }

  /** Asks the server, once at a time; without an answer there is no limit here, and the server's refusal tells. */
  learnLimits(wanted = true): Promise<void> {
    if (!wanted) return Promise.resolve();
    this.asking ??= this.ports.limits()
      .then((known) => this.limits.setState({ known }), () => undefined)
      .finally(() => {
        this.asking = null;
      });
    return this.asking;
  }

  private of(peerId: number): readonly Chip[] {
    return this.chips.getState()[peerId] ?? [];
  }

  private sendable(peerId: number): Chip[] {
    return this.of(peerId).filter((chip) => !isRefused(chip)).slice(0, this.maxFiles);
  }

  private get maxFiles(): number {
    return this.limits.getState().known?.max_files ?? MAX_FILES;
  }

  /** Lets as many files in as one message can have; the others wait for their place. */
  private admit(peerId: number): void {
    let room = this.maxFiles;
    for (const chip of this.of(peerId)) {
      if (isRefused(chip) && chip.failure?.code !== TOO_MANY) continue;
      if (room <= 0) this.patch(peerId, chip.file.key, { failure: new ApiError(422, TOO_MANY) });
      else if (!this.started.has(chip.file.key)) void this.start(peerId, chip.file);
      room -= 1;
    }
  }

  private async start(peerId: number, file: LocalFile): Promise<void> {
    this.started.add(file.key);
    this.patch(peerId, file.key, { failure: null });
    try {
      const reason = this.reasonAgainst(file);
      if (reason) throw reason;
      const attachment = await this.ports.upload(file);
      this.patchFile(peerId, file.key, { attachment });
    } catch (error) {
      const failure = toApiError(error);
      this.patch(peerId, file.key, { failure });
      if (!failure.isTransient) this.admit(peerId);
    }
  }

  /** Why the server would not take it, as far as that is known before the upload. */
  private reasonAgainst({ size, attachment }: LocalFile): ApiError | null {
    const { known } = this.limits.getState();
    if (!known || attachment) return null;
    if (size > known.max_upload_bytes) return new ApiError(413, "too_large");
    return size > known.quota_bytes - known.used_bytes ? new ApiError(413, "quota_exceeded") : null;
  }

  private async measure(peerId: number, file: LocalFile): Promise<void> {
    const size = await this.ports.measure(file).catch(() => null);
    if (size) this.patchFile(peerId, file.key, size);
  }

  private patch(peerId: number, key: string, fields: Partial<Chip>): void {
    this.write(peerId, this.of(peerId).map((chip) => (chip.file.key === key ? { ...chip, ...fields } : chip)));
  }

  private patchFile(peerId: number, key: string, fields: Partial<LocalFile>): void {
    this.write(peerId, this.of(peerId).map((chip) => (chip.file.key === key ? { ...chip, file: { ...chip.file, ...fields } } : chip)));
  }

  private drop(peerId: number, keys: readonly string[]): void {
    for (const key of keys) this.started.delete(key);
    this.write(peerId, this.of(peerId).filter(({ file }) => !keys.includes(file.key)));
  }

  private write(peerId: number, chips: readonly Chip[]): void {
    this.chips.setState({ [peerId]: [...chips] });
  }
}
