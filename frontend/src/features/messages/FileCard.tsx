import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "@/api/types";
import { FileIcon } from "@/components/ui/FileIcon";
import { FileName } from "@/components/ui/FileName";
import { formatSize } from "@/i18n/format";
import { useUploadProgress } from "@/realtime/provider";

const LOOK = "flex w-80 max-w-full min-w-0 items-center gap-3 rounded-xl bg-ink/5 px-3 py-2";

function Content({ file, note }: { file: Attachment; note: string }) {
  return (
    <>
      <span className="text-accent">
        <FileIcon type={file.content_type} name={file.filename} size={22} />
      </span>
      <span className="min-w-0 flex-1">
        <FileName name={file.filename} className="text-sm font-medium" />
        <span className="block text-xs text-muted">{note}</span>
      </span>
    </>
  );
}

function Sending({ file }: { file: Attachment }) {
  const { t } = useTranslation();
  const progress = useUploadProgress(file.id);
  const percent = Math.round((progress ?? 0) * 100);
  return (
    <div className={`relative overflow-hidden ${LOOK}`}>
      <Content file={file} note={progress === undefined ? formatSize(file.size) : `${formatSize(file.size)} · ${percent}%`} />
      {progress !== undefined && (
        <progress
          aria-label={t("composer.progress", { name: file.filename })}
          value={percent}
          max={100}
          className="absolute inset-x-0 bottom-0 h-1 w-full appearance-none [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-transparent [&::-webkit-progress-value]:bg-accent"
        />
      )}
    </div>
  );
}

/** What a file is called, how large it is, and a way to have it. */
export function FileCard({ file, pending }: { file: Attachment; pending: boolean }) {
  const { t } = useTranslation();
  if (pending) return <Sending file={file} />;
  const size = formatSize(file.size);
  return (
    <a href={file.url} download={file.filename} aria-label={t("messages.download", { name: file.filename, size })} className={`${LOOK} hover:bg-ink/10`}>
      <Content file={file} note={size} />
      <Download size={18} className="shrink-0 text-muted" aria-hidden />
    </a>
  );
}
