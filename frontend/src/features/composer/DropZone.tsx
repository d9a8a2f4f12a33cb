import { type DragEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

interface DropZoneProps {
  enabled: boolean;
  onFiles: (files: Iterable<File>) => void;
  children: ReactNode;
}

const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");

/** The whole conversation takes files; a file dropped beside the field must not make the browser leave the page. */
export function DropZone({ enabled, onFiles, children }: DropZoneProps) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  return (
    <div
      className="relative flex min-h-0 flex-1 flex-col"
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(enabled);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(false);
        if (enabled) onFiles(event.dataTransfer.files);
      }}
    >
      {children}
      {over && (
        <div className="pointer-events-none absolute inset-3 z-30 grid place-items-center rounded-2xl border-2 border-dashed border-accent bg-accent-soft/90 text-lg font-semibold text-accent">
          {t("composer.drop")}
        </div>
      )}
    </div>
  );
}
