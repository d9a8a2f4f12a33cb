import { clsx } from "clsx";
import { RotateCcw, X } from "lucide-react";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { IconButton } from "@/components/ui/Button";
import { FileIcon } from "@/components/ui/FileIcon";
import { FileName } from "@/components/ui/FileName";
import { explain } from "@/i18n/errors";
import { formatSize } from "@/i18n/format";
import { useEngine, useUploadProgress } from "@/realtime/provider";
import { type Chip as ChipData, TOO_MANY, isRefused } from "@/realtime/trays";
import type { Tray } from "./useTray";

interface ChipProps {
  chip: ChipData;
  onRemove: () => void;
  onRetry: () => void;
}

/** Trying again cannot help: the file is too large, or waits for a place in the message. */
const HOPELESS = new Set(["too_large", TOO_MANY]);

/** Why this file cannot go, with the limit in numbers where there is one. */
function useReason({ failure }: ChipData, t: TFunction): string | null {
  const limits = useStore(useEngine().trays.limits, ({ known }) => known);
  if (!failure || failure.isTransient) return null;
  if (failure.code === TOO_MANY) return t("composer.tooMany", { count: limits?.max_files ?? 10 });
  if (failure.code === "too_large" && limits) return t("composer.tooLarge", { limit: formatSize(limits.max_upload_bytes) });
  return explain(failure, t);
}

function Thumbnail({ chip: { file } }: { chip: ChipData }) {
  const preview = useEngine().uploads.previewOf(file);
  const [broken, setBroken] = useState(false);
  if (preview && !broken) {
    return <img src={preview} alt="" width={40} height={40} onError={() => setBroken(true)} className="size-10 shrink-0 rounded-lg object-cover" />;
  }
  return (
    <span className="grid size-10 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent">
      <FileIcon type={file.type} name={file.name} size={20} />
    </span>
  );
}

function Chip({ chip, onRemove, onRetry }: ChipProps) {
  const { t } = useTranslation();
  const { file, failure } = chip;
  const progress = useUploadProgress(file.key);
  const reason = useReason(chip, t);
  const percent = Math.round((progress ?? 0) * 100);
  return (
    <li
      className={clsx(
        "relative flex w-full min-w-0 sm:w-68 items-center gap-2.5 overflow-hidden rounded-xl border bg-raised p-1.5",
        isRefused(chip) ? "border-danger" : "border-line",
      )}
    >
      <Thumbnail chip={chip} />
      <span className="min-w-0 flex-1 text-sm">
        <FileName name={file.name} />
        {reason === null ? (
          <span className="block text-xs text-muted">
            {formatSize(file.size)}
            {progress !== undefined && <span aria-hidden> · {percent}%</span>}
            {failure && <span> · {t("composer.offlineFile")}</span>}
          </span>
        ) : (
          <span role="alert" className="block text-xs text-danger">{reason}</span>
        )}
      </span>
      {failure && !HOPELESS.has(failure.code) && (
        <IconButton label={t("composer.retryFile", { name: file.name })} className="size-8!" onClick={onRetry}>
          <RotateCcw size={16} aria-hidden />
        </IconButton>
      )}
      <IconButton label={t(progress === undefined ? "composer.removeFile" : "composer.cancelFile", { name: file.name })} className="size-8!" onClick={onRemove}>
        <X size={16} aria-hidden />
      </IconButton>
      {progress !== undefined && (
        <progress
          aria-label={t("composer.progress", { name: file.name })}
          value={percent}
          max={100}
          className="absolute inset-x-0 bottom-0 h-1 w-full appearance-none [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent"
        />
      )}
    </li>
  );
}

export function UploadTray({ tray }: { tray: Tray }) {
  const { t } = useTranslation();
  if (tray.chips.length === 0) return null;
  return (
    <ul aria-label={t("composer.fileList")} className="mb-2 flex max-h-48 flex-wrap gap-2 overflow-y-auto">
      {tray.chips.map((chip) => (
        <Chip
          key={chip.file.key}
          chip={chip}
          onRemove={() => tray.remove(chip.file.key)}
          onRetry={() => tray.retry(chip.file.key)}
        />
      ))}
    </ul>
  );
}
