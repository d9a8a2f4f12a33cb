import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { uploadFile } from "@/api/chat";
import { type ApiError, toApiError } from "@/api/errors";
import type { Attachment } from "@/api/types";
import { showToast } from "@/components/ui/toasts";
import { newUuid } from "@/lib/ids";

export const MAX_FILES = 10;

export interface Upload {
  key: string;
  file: File;
  /** 0…1 */
  progress: number;
  attachment: Attachment | null;
  failure: ApiError | null;
  previewUrl: string | null;
}

const PREVIEWED = /^image\/(png|jpeg|gif|webp|avif)$/;

function newUpload(file: File): Upload {
  const previewUrl = PREVIEWED.test(file.type) ? URL.createObjectURL(file) : null;
  return { key: newUuid(), file, progress: 0, attachment: null, failure: null, previewUrl };
}

const release = (upload: Upload) => upload.previewUrl && URL.revokeObjectURL(upload.previewUrl);

/** Files on their way into the next message: each goes up on its own, as soon as it is chosen, and fails on its own. */
export function useUploads() {
  const { t } = useTranslation();
  const [uploads, setUploads] = useState<Upload[]>([]);
  const current = useRef(uploads);
  const running = useRef(new Map<string, AbortController>());

  const write = useCallback((next: Upload[]) => {
    current.current = next;
    setUploads(next);
  }, []);

  const patch = useCallback(
    (key: string, fields: Partial<Upload>) =>
      write(current.current.map((upload) => (upload.key === key ? { ...upload, ...fields } : upload))),
    [write],
  );

  const start = useCallback(
    async ({ key, file }: Upload) => {
      const controller = new AbortController();
      running.current.set(key, controller);
      patch(key, { progress: 0, failure: null });
      try {
        const attachment = await uploadFile(file, (progress) => patch(key, { progress }), controller.signal);
        patch(key, { attachment, progress: 1 });
      } catch (error) {
        patch(key, { failure: toApiError(error) });
      } finally {
        running.current.delete(key);
      }
    },
    [patch],
  );

  const add = useCallback(
    (files: Iterable<File>) => {
      const chosen = [...files];
      const room = MAX_FILES - current.current.length;
      if (chosen.length > room) showToast("failed", t("composer.tooMany", { count: MAX_FILES }));
      const added = chosen.slice(0, Math.max(0, room)).map(newUpload);
      write([...current.current, ...added]);
      for (const upload of added) void start(upload);
    },
    [start, t, write],
  );

  const remove = useCallback(
    (key: string) => {
      running.current.get(key)?.abort();
      current.current.filter((upload) => upload.key === key).forEach(release);
      write(current.current.filter((upload) => upload.key !== key));
    },
    [write],
  );

  /** Takes the finished files out of the tray and into a message. */
  const take = useCallback((): Attachment[] => {
    const taken = current.current.flatMap(({ attachment }) => attachment ?? []);
    current.current.forEach(release);
    write([]);
    return taken;
  }, [write]);

  useEffect(() => {
    const stillRunning = running.current;
    return () => {
      for (const controller of stillRunning.values()) controller.abort();
      current.current.forEach(release);
    };
  }, []);

  return {
    uploads,
    add,
    remove,
    take,
    retry: start,
    busy: uploads.some(({ attachment, failure }) => !attachment && !failure),
    failed: uploads.some(({ failure }) => failure !== null),
  };
}

export type Uploads = ReturnType<typeof useUploads>;
