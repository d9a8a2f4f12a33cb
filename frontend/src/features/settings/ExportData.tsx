import { Download } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { toApiError } from "@/api/errors";
import { exportMyData } from "@/api/preferences";
import { Alert } from "@/components/ui/Alert";
import { Button } from "@/components/ui/Button";
import { showToast } from "@/components/ui/toasts";
import { explain } from "@/i18n/errors";
import { formatSize } from "@/i18n/format";
import { saveFile } from "@/lib/save";

const fileName = () => `communication-${new Date().toISOString().slice(0, 10)}.zip`;

/** Null while nothing is under way, else the bytes that have come. */
function useExport() {
  const { t } = useTranslation();
  const [bytes, setBytes] = useState<number | null>(null);
  const [error, setError] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = async () => {
    const controller = new AbortController();
    running.current = controller;
    setError(null);
    setBytes(0);
    try {
      saveFile(await exportMyData({ signal: controller.signal, onProgress: setBytes }), fileName());
      showToast("done", t("settings.exportDone"));
    } catch (failure) {
      if (!controller.signal.aborted) setError(explain(toApiError(failure), t));
    } finally {
      setBytes(null);
    }
  };
  return { bytes, error, start, cancel: () => running.current?.abort() };
}

export function ExportData() {
  const { t } = useTranslation();
  const { bytes, error, start, cancel } = useExport();
  return (
    <div>
      <h3 className="font-medium">{t("settings.export")}</h3>
      <p className="mt-0.5 mb-3 text-sm text-muted">{t("settings.exportText")}</p>
      {error && <div className="mb-3"><Alert>{error}</Alert></div>}
      <div className="flex flex-wrap items-center gap-3">
        <Button look="quiet" aria-disabled={bytes !== null} onClick={() => bytes === null && void start()}>
          <Download size={18} aria-hidden />
          {t("settings.exportStart")}
        </Button>
        {bytes !== null && <Button look="quiet" onClick={cancel}>{t("app.cancel")}</Button>}
        <p role="status" className="text-sm text-muted">
          {bytes !== null && t("settings.exporting", { size: formatSize(bytes) })}
        </p>
      </div>
      {bytes !== null && <progress aria-label={t("settings.export")} className="mt-3 h-1.5 w-full accent-accent-fill" />}
    </div>
  );
}
