import { useTranslation } from "react-i18next";
import { explain } from "@/i18n/errors";
import { useEngine } from "@/realtime/provider";

export function FailedNote({ clientId, code }: { clientId: string; code: string }) {
  const { t } = useTranslation();
  const { outbox } = useEngine();
  const reason = explain({ status: 400, code, retryAfter: null }, t);
  return (
    <p role="alert" className="mt-1 flex flex-wrap items-center justify-end gap-x-3 text-sm text-danger">
      <span>{t("messages.failed", { reason })}</span>
      <button type="button" className="min-h-8 font-semibold underline underline-offset-2" onClick={() => void outbox.retry(clientId)}>
        {t("app.retry")}
      </button>
      <button type="button" className="min-h-8 font-semibold underline underline-offset-2" onClick={() => void outbox.discard(clientId)}>
        {t("messages.remove")}
      </button>
    </p>
  );
}
