import { type DetailedError, type HttpRequest, type HttpResponse, Upload } from "tus-js-client";
import { session } from "./client";
import { ApiError, toApiError } from "./errors";
import * as sdk from "./generated/chat/sdk.gen";
import type { Attachment } from "./types";
import { PAUSED, type UploadOptions } from "./upload";

const ENDPOINT = "/api/files/uploads";
/**
 * Short interruptions are bridged here, each time anew; what lasts longer is waited for by whoever sends the message. Not
 * at once: the server may still be writing what came last, and would then refuse what is sent from an older place.
 */
const RETRY_DELAYS_MS = [500, 1000, 2000, 4000];
/**
 * What a broken connection can cost at most. A browser repeats a request by itself when a connection that it used before
 * breaks, from the same place, which the server then has to refuse.
 */
const CHUNK_BYTES = 1024 * 1024;
const COMPLETING_MS = 120_000;

const isGone = (error: ApiError) => error.status === 404 || error.status === 410;

function asApiError(error: Error | DetailedError): ApiError {
  const response = "originalResponse" in error ? error.originalResponse : null;
  if (!response) return new ApiError(0, "network");
  const status = response.getStatus();
  const seconds = Number(response.getHeader("Retry-After"));
  let code = `http_${status}`;
  try {
    const problem = JSON.parse(response.getBody()) as { code?: unknown };
    if (typeof problem.code === "string") code = problem.code;
  } catch {
    // A proxy's refusal says nothing that a program could read.
  }
  return new ApiError(status, code, Number.isFinite(seconds) && seconds > 0 ? seconds : null);
}

/** tus sends by itself, so it gets what the axios instance would add: a fresh token each time, and one refresh after a 401. */
function authorization() {
  let used: string | null = null;
  return {
    onBeforeRequest: async (request: HttpRequest) => {
      used = await session.validToken();
      request.setHeader("Authorization", `Bearer ${used}`);
    },
    onAfterResponse: async (_request: HttpRequest, response: HttpResponse) => {
      if (response.getStatus() === 401) await session.replace(used);
    },
  };
}

const pathOf = (url: string) => new URL(url, window.location.origin).pathname;

/** Brings the bytes up, from where they are; gives the address of the upload. */
function transfer(blob: Blob, { name, signal, onProgress, onLocation }: UploadOptions, known: string | null): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const upload = new Upload(blob, {
      endpoint: known ? null : ENDPOINT,
      uploadUrl: known,
      metadata: { filename: name },
      chunkSize: CHUNK_BYTES,
      storeFingerprintForResuming: false,
      retryDelays: RETRY_DELAYS_MS,
      ...authorization(),
      onShouldRetry: (error) => {
        const failure = asApiError(error);
        return navigator.onLine && (failure.isTransient || [401, 409, 423].includes(failure.status));
      },
      onUploadUrlAvailable: () => {
        // With an endpoint, tus would begin a new upload whenever the old one cannot be asked, also by a server that restarts.
        upload.options.endpoint = null;
        onLocation(upload.url && pathOf(upload.url));
      },
      onProgress: (sent, total) => onProgress(total > 0 ? sent / total : 0),
      onSuccess: () => {
        signal.removeEventListener("abort", stop);
        resolve(pathOf(upload.url ?? ""));
      },
      onError: (error) => {
        signal.removeEventListener("abort", stop);
        reject(asApiError(error));
      },
    });
    const stop = () => {
      // Cancelled by hand, the server need not keep it for a day.
      void upload.abort(signal.reason !== PAUSED).catch(() => undefined);
      reject(new ApiError(0, "cancelled"));
    };
    if (signal.aborted) stop();
    else {
      signal.addEventListener("abort", stop, { once: true });
      upload.start();
    }
  });
}

async function complete(location: string, signal: AbortSignal): Promise<Attachment> {
  const upload_id = location.slice(location.lastIndexOf("/") + 1);
  return (await sdk.completeUpload({ path: { upload_id }, signal, timeout: COMPLETING_MS, throwOnError: true })).data;
}

/** A large file, in as many attempts as it takes, without sending twice what the server has. */
export async function uploadResumable(blob: Blob, options: UploadOptions): Promise<Attachment> {
  const { location, signal, onLocation } = options;
  try {
    return await complete(await transfer(blob, options, location), signal);
  } catch (error) {
    const failure = toApiError(error);
    if (!location || !isGone(failure)) throw failure;
  }
  // The server forgot the upload, or made a file of it and only the answer was lost.
  try {
    return await complete(location, signal);
  } catch (error) {
    if (!isGone(toApiError(error))) throw error;
  }
  onLocation(null);
  return complete(await transfer(blob, options, null), signal);
}
