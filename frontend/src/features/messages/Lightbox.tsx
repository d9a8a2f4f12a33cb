import { clsx } from "clsx";
import { ChevronLeft, ChevronRight, Download, X } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useModal } from "@/components/ui/useModal";
import { formatSize } from "@/i18n/format";
import type { Picture } from "./Pictures";

/** What the bar above the picture, and air below it, take from the height of the window. */
const BAR = "5rem";
const CONTROL = "inline-flex size-11 shrink-0 items-center justify-center rounded-full bg-black/50 text-white hover:bg-white/20 focus-visible:outline-white";

interface LightboxProps {
  pictures: readonly Picture[];
  start: number;
  onClose: () => void;
}

interface StepProps {
  label: string;
  className: string;
  possible: boolean;
  onStep: () => void;
  children: ReactNode;
}

/** Not `disabled` at the end: a button that loses its focus takes the keyboard away from the dialog. */
function Step({ label, className, possible, onStep, children }: StepProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-disabled={!possible}
      onClick={() => possible && onStep()}
      className={clsx(CONTROL, "absolute top-1/2 -translate-y-1/2 aria-disabled:invisible", className)}
    >
      {children}
    </button>
  );
}

/** Fits the window; a click shows its actual size, with the clicked point where it was. */
function Zoomable({ picture }: { picture: Picture }) {
  const { t } = useTranslation();
  const [point, setPoint] = useState<{ x: number; y: number } | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const { width, height, url, filename } = picture;
  const fitting = `min(100%, ${width}px, (100dvh - ${BAR}) * ${width / height})`;

  useLayoutEffect(() => {
    const stage = button.current?.parentElement;
    if (!point || !stage) return;
    stage.scrollTo(point.x * width - stage.clientWidth / 2, point.y * height - stage.clientHeight / 2);
  }, [point, width, height]);

  const zoom = (event: MouseEvent<HTMLButtonElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    // A click by keyboard has no place.
    const place = event.detail === 0 ? { x: 0.5, y: 0.5 } : { x: (event.clientX - box.x) / box.width, y: (event.clientY - box.y) / box.height };
    setPoint(point ? null : place);
  };
  return (
    <button
      ref={button}
      type="button"
      aria-label={t("messages.zoom")}
      aria-pressed={point !== null}
      onClick={zoom}
      style={{ width: point ? width : fitting, aspectRatio: `${width} / ${height}` }}
      className={clsx("m-auto block shrink-0 focus-visible:outline-white", point ? "cursor-zoom-out!" : "cursor-zoom-in!")}
    >
      <img src={url} alt={filename} className="size-full" />
    </button>
  );
}

/** The pictures of one message, one at a time and as large as the window. */
export default function Lightbox({ pictures, start, onClose }: LightboxProps) {
  const { t } = useTranslation();
  const dialog = useModal();
  const [index, setIndex] = useState(start);
  const last = pictures.length - 1;
  const picture = pictures[Math.min(index, last)];
  const go = (to: number) => setIndex(Math.min(last, Math.max(0, to)));

  // The dialog itself, not its first button: no key that was meant for the picture should press that.
  useEffect(() => dialog.current?.focus(), [dialog]);

  const onKeyDown = (event: KeyboardEvent) => {
    const targets: Record<string, number> = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: last };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    go(target);
  };
  const onClick = (event: MouseEvent) => {
    if (event.target instanceof HTMLElement && event.target.dataset.backdrop !== undefined) onClose();
  };

  if (!picture) return null;
  const { filename, url, size } = picture;
  const download = t("messages.download", { name: filename, size: formatSize(size) });
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- Escape closes it too
    <dialog
      ref={dialog}
      tabIndex={-1}
      aria-label={t("messages.viewer")}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="m-0 size-full max-h-none max-w-none animate-appear flex-col overflow-hidden bg-[#0a0b10] text-white open:flex focus:outline-none"
    >
      <div className="flex h-16 shrink-0 items-center gap-2 px-3">
        <p aria-live="polite" className="flex min-w-0 flex-1 items-baseline gap-3 pl-2">
          <span className="sr-only">{t("messages.position", { name: filename, index: index + 1, count: pictures.length })}</span>
          <span aria-hidden className="truncate font-medium">{filename}</span>
          {last > 0 && <span aria-hidden className="shrink-0 text-sm text-white/75">{index + 1} / {pictures.length}</span>}
        </p>
        <a href={url} download={filename} aria-label={download} title={download} className={CONTROL}>
          <Download size={20} aria-hidden />
        </a>
        <button type="button" aria-label={t("app.close")} title={t("app.close")} onClick={onClose} className={CONTROL}>
          <X size={22} aria-hidden />
        </button>
      </div>
      <div data-backdrop="" className="flex min-h-0 flex-1 overflow-auto overscroll-contain">
        <Zoomable key={picture.id} picture={picture} />
      </div>
      {last > 0 && (
        <>
          <Step label={t("messages.previousImage")} possible={index > 0} onStep={() => go(index - 1)} className="left-3">
            <ChevronLeft size={24} aria-hidden />
          </Step>
          <Step label={t("messages.nextImage")} possible={index < last} onStep={() => go(index + 1)} className="right-3">
            <ChevronRight size={24} aria-hidden />
          </Step>
        </>
      )}
    </dialog>
  );
}
