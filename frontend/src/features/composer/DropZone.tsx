import { useTranslation } from "react-i18next";
import { showToast } from "@/components/ui/toasts";
import { useIncomingFiles } from "./useIncomingFiles";

interface DropZoneProps {
  enabled: boolean;
  onFiles: (files: File[]) => void;
}

/** Takes files that are dropped or pasted anywhere on the page, and covers its parent to say so while they are held over it. */
export function DropZone({ enabled, onFiles }: DropZoneProps) {
  const { t } = useTranslation();
  const over = useIncomingFiles(enabled, (files, folders) => {
    if (folders > 0) showToast("failed", t("composer.folder"));
    if (files.length > 0) onFiles(files);
  });
  if (!over) return null;
  return (
    <div className="pointer-events-none absolute inset-3 z-30 grid place-items-center rounded-2xl border-2 border-dashed border-accent bg-accent-soft/90 text-lg font-semibold text-accent">
      {t("composer.drop")}
    </div>
  );
}
