import { clsx } from "clsx";
import { FileText } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "@/api/types";
import { formatSize } from "@/i18n/format";

const MAX_EDGE = 320;

type Picture = Attachment & { width: number; height: number; thumbnail_url: string };

function isPicture(attachment: Attachment): attachment is Picture {
  return attachment.thumbnail_url !== null && attachment.width !== null && attachment.height !== null;
}

/** The size on the screen is known before the bytes come, so that nothing jumps. */
function frameOf({ width, height }: Picture): { width: number; height: number } {
  const scale = Math.min(1, MAX_EDGE / Math.max(width, height));
  return { width: Math.max(64, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
}

/** As wide as the bubble, which is as wide as the text or 20 rem: the pictures themselves do not count. */
const GRID = "before:block before:w-80 before:max-w-full";

function PictureLink({ picture, alone }: { picture: Picture; alone: boolean }) {
  const { t } = useTranslation();
  const frame = frameOf(picture);
  return (
    <a
      href={picture.url}
      target="_blank"
      rel="noreferrer"
      aria-label={t("messages.openImage", { name: picture.filename })}
      className={clsx("block max-w-full overflow-hidden rounded-xl bg-line", alone ? "w-fit" : "aspect-square last:odd:col-span-2 last:odd:aspect-2/1")}
    >
      <img
        src={picture.thumbnail_url}
        alt={picture.filename}
        width={frame.width}
        height={frame.height}
        decoding="async"
        className={clsx("object-cover", alone ? "h-auto max-w-full" : "size-full")}
      />
    </a>
  );
}

function FileLink({ file }: { file: Attachment }) {
  return (
    <a
      href={file.url}
      download={file.filename}
      className="flex min-w-0 items-center gap-3 rounded-xl bg-ink/5 px-3 py-2 hover:bg-ink/10"
    >
      <FileText size={22} className="shrink-0 text-accent" aria-hidden />
      <span className="min-w-0">
        <span className="block truncate text-sm font-medium">{file.filename}</span>
        <span className="block text-xs text-muted">{formatSize(file.size)}</span>
      </span>
    </a>
  );
}

export function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
  const pictures = attachments.filter(isPicture);
  const files = attachments.filter((attachment) => !isPicture(attachment));
  return (
    <div className="mb-1 space-y-1.5">
      {pictures.length > 0 && (
        <div className={clsx(pictures.length > 1 && GRID)}>
          <div className={clsx(pictures.length > 1 && "grid grid-cols-2 gap-1.5 contain-inline-size")}>
            {pictures.map((picture) => (
              <PictureLink key={picture.id} picture={picture} alone={pictures.length === 1} />
            ))}
          </div>
        </div>
      )}
      {files.map((file) => (
        <FileLink key={file.id} file={file} />
      ))}
    </div>
  );
}
