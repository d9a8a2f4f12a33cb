import "./client";
import { ApiError } from "./errors";
import * as sdk from "./generated/chat/sdk.gen";
import type { Attachment } from "./types";

/** Longer than the server takes to look at the largest picture. */
const SILENCE_MS = 120_000;

export interface UploadOptions {
  name: string;
  signal: AbortSignal;
  /** Gets 0…1. */
  onProgress: (share: number) => void;
}

/** The one place where a file's bytes leave the browser: one file, one call, so each has its own progress and its own fate. */
export async function upload(blob: Blob, { name, signal, onProgress }: UploadOptions): Promise<Attachment> {
  const silence = new AbortController();
  // A total time would punish slow lines; a line on which nothing moves any more is given up.
  const expectLife = () => setTimeout(() => silence.abort(), SILENCE_MS);
  let timer = expectLife();
  try {
    const { data } = await sdk.uploadFiles({
      body: { files: [new File([blob], name, { type: blob.type })] },
      signal: AbortSignal.any([signal, silence.signal]),
      timeout: 0,
      onUploadProgress: ({ progress }) => {
        clearTimeout(timer);
        timer = expectLife();
        onProgress(progress ?? 0);
      },
      throwOnError: true,
    });
    return data[0] as Attachment;
  } catch (error) {
    throw silence.signal.aborted ? new ApiError(0, "timeout") : error;
  } finally {
    clearTimeout(timer);
  }
}
