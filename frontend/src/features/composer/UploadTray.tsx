import { clsx } from "clsx";
import { FileText, RotateCcw, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/Button";
import { explain } from "@/i18n/errors";
import { formatSize } from "@/i18n/format";
import type { Upload, Uploads } from "./useUploads";

interface ChipProps {
  upload: Upload;
  onRemove: () => void;
  onRetry: () => void;
}

function Chip({ upload, onRemove, onRetry }: ChipProps) {
  const { t } = useTranslation();
  const { file, progress, attachment, failure, previewUrl } = upload;
  const percent = Math.round(progress * 100);
  return (
    <li
      className={clsx(
        "relative flex w-60 max-w-full min-w-0 items-center gap-2.5 overflow-hidden rounded-xl border bg-raised p-1.5",
        failure ? "border-danger" : "border-line",
      )}
    >
      {previewUrl ? (
        <img src={previewUrl} alt="" width={40} height={40} className="size-10 shrink-0 rounded-lg object-cover" />
      ) : (
        <span className="grid size-10 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent">
          <FileText size={20} aria-hidden />
        </span>
      )}
      <span className="min-w-0 flex-1 text-sm">
        <span className="block truncate" title={file.name}>{file.name}</span>
        {failure ? (
          <span role="alert" className="block text-xs text-danger">{explain(failure, t)}</span>
        ) : (
          <span className="block text-xs text-muted">
            {formatSize(file.size)}
            {!attachment && <span aria-hidden> · {percent}%</span>}
          </span>
        )}
      </span>
      {failure && (
        <IconButton label={t("composer.retryFile", { name: file.name })} className="size-8!" onClick={onRetry}>
          <RotateCcw size={16} aria-hidden />
        </IconButton>
      )}
      <IconButton label={t("composer.removeFile", { name: file.name })} className="size-8!" onClick={onRemove}>
        <X size={16} aria-hidden />
      </IconButton>
      {!attachment && !failure && (
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

export function UploadTray({ uploads }: { uploads: Uploads }) {
  const { t } = useTranslation();
  if (uploads.uploads.length === 0) return null;
  return (
    <ul aria-label={t("composer.fileList")} className="mb-2 flex max-h-48 flex-wrap gap-2 overflow-y-auto">
      {uploads.uploads.map((upload) => (
        <Chip
          key={upload.key}
          upload={upload}
          onRemove={() => uploads.remove(upload.key)}
          onRetry={() => void uploads.retry(upload)}
        />
      ))}
    </ul>
  );
}
