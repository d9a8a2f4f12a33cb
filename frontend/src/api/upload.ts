import "./client";
import { ApiError } from "./errors";
import * as sdk from "./generated/chat/sdk.gen";
import type { Attachment } from "./types";

/** Longer than the server takes to look at the largest picture. */
const SILENCE_MS = 120_000;
/** Larger files go up in a way that survives a broken connection; for smaller ones it costs more than it saves. */
export const RESUMABLE_BYTES = 4 * 1024 * 1024;

/** Why a signal is aborted when the upload is not given up: the page goes, or nothing moves; later it goes on. */
export const PAUSED = "paused";

export interface UploadOptions {
  name: string;
  signal: AbortSignal;
  /** Gets 0…1. */
  onProgress: (share: number) => void;
  /** Where an earlier attempt got to, if it did. */
  location: string | null;
  /** Gets that address, to be kept until the file is there. */
  onLocation: (location: string | null) => void;
}

async function uploadWhole(blob: Blob, { name, signal, onProgress }: UploadOptions): Promise<Attachment> {
  const { data } = await sdk.uploadFiles({
    body: { files: [new File([blob], name, { type: blob.type })] },
    signal,
    timeout: 0,
    onUploadProgress: ({ progress }) => onProgress(progress ?? 0),
    throwOnError: true,
  });
  return data[0] as Attachment;
}

async function uploadInParts(blob: Blob, options: UploadOptions): Promise<Attachment> {
  // A part of the program that most visits never need; not to be had means there is no connection.
  const { uploadResumable } = await import("./resumable").catch(() => {
    throw new ApiError(0, "network");
  });
  return uploadResumable(blob, options);
}

/** The one place where a file's bytes leave the browser: one file, one call, so each has its own progress and its own fate. */
export async function upload(blob: Blob, options: UploadOptions): Promise<Attachment> {
  const silence = new AbortController();
  // A total time would punish slow lines; a line on which nothing moves any more is given up, but not what it brought.
  const expectLife = () => setTimeout(() => silence.abort(PAUSED), SILENCE_MS);
  let timer = expectLife();
  const send = blob.size > RESUMABLE_BYTES ? uploadInParts : uploadWhole;
  try {
    return await send(blob, {
      ...options,
      signal: AbortSignal.any([options.signal, silence.signal]),
      onProgress: (share) => {
        clearTimeout(timer);
        timer = expectLife();
        options.onProgress(share);
      },
    });
  } catch (error) {
    throw silence.signal.aborted ? new ApiError(0, "timeout") : error;
  } finally {
    clearTimeout(timer);
  }
}
