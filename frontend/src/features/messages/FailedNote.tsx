import { useTranslation } from "react-i18next";
import { explain } from "@/i18n/errors";
import { useEngine } from "@/realtime/provider";

export function FailedNote({ clientId, code, file }: { clientId: string; code: string; file: string | null }) {
  const { t } = useTranslation();
  const { outbox } = useEngine();
  // A proxy's refusal has no code of its own.
  const status = Number(/^http_(\d+)$/.exec(code)?.[1] ?? 400);
  const why = explain({ status, code, retryAfter: null }, t);
  const reason = file === null ? why : t("messages.failedFile", { name: file, reason: why });
  return (
    <p role="alert" className="mt-1 flex flex-wrap items-center justify-end gap-x-3 text-sm text-danger">
      <span>{t("messages.failed", { reason })}</span>
      <button type="button" className="min-h-8 font-semibold underline underline-offset-2" onClick={() => void outbox.retry(clientId)}>
        {t("app.retry")}
      </button>
      <button type="button" className="min-h-8 font-semibold underline underline-offset-2" onClick={() => void outbox.discard(clientId)}>
        {t("messages.delete")}
      </button>
    </p>
  );
}
