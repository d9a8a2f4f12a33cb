import { http } from "./client";
import { ApiError } from "./errors";
import * as sdk from "./generated/chat/sdk.gen";
import type { Preferences } from "./generated/chat/types.gen";

export type { Preferences };

export async function readPreferences(): Promise<Preferences> {
  return (await sdk.readPreferences({ throwOnError: true })).data;
}

export async function changePreferences(change: Partial<Preferences>): Promise<Preferences> {
  return (await sdk.changePreferences({ body: change, throwOnError: true })).data;
}

interface ExportOptions {
  signal: AbortSignal;
  /** Gets the number of bytes that have come; how many there will be nobody knows before the end. */
  onProgress: (bytes: number) => void;
}

/** Everything about me, as one ZIP archive. */
export async function exportMyData({ signal, onProgress }: ExportOptions): Promise<Blob> {
  const response = await http.get<Blob>("/api/export", {
    responseType: "blob",
    signal,
    timeout: 0,
    onDownloadProgress: ({ loaded }) => onProgress(loaded),
    // A refusal comes as bytes too, and has to be read before it can be understood. A 401 is the session's business.
    validateStatus: (status) => status !== 401,
  });
  if (response.status === 200) return response.data;
  const problem = (await response.data.text().then(JSON.parse).catch(() => ({}))) as { code?: unknown };
  const code = typeof problem.code === "string" ? problem.code : `http_${response.status}`;
  throw new ApiError(response.status, code, Number(response.headers["retry-after"]) || null);
}
