import { clsx } from "clsx";
import { type MouseEvent, Suspense, lazy, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "@/api/types";
import { showToast } from "@/components/ui/toasts";
import { useUploadProgress } from "@/realtime/provider";
import { FileCard } from "./FileCard";

const loadLightbox = () => import("./Lightbox");
const Lightbox = lazy(loadLightbox);

const MAX_EDGE = 320;

export type Picture = Attachment & { width: number; height: number; thumbnail_url: string };

/** The size on the screen is known before the bytes come, so that nothing jumps. */
function frameOf({ width, height }: Picture): { width: number; aspectRatio: string } {
  const scale = Math.min(1, MAX_EDGE / Math.max(width, height));
  const shown = { width: Math.max(64, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
  return { width: shown.width, aspectRatio: `${shown.width} / ${shown.height}` };
}

/** Rows of two for a few pictures, of three for many; those that would be left over stand first, and larger. */
function placeOf(index: number, count: number): string {
  if (count <= 4) return count % 2 === 1 && index === 0 ? "col-span-6 aspect-2/1" : "col-span-3 aspect-square";
  const inPairs = [0, 4, 2][count % 3] ?? 0;
  return index < inPairs ? "col-span-3 aspect-square" : "col-span-2 aspect-square";
}

/** As wide as the bubble, which is as wide as the text or 20 rem: the pictures themselves do not count. */
const GRID_BOX = "before:block before:w-80 before:max-w-full";

function SendingMark({ picture }: { picture: Picture }) {
  const { t } = useTranslation();
  const progress = useUploadProgress(picture.id);
  if (progress === undefined) return null;
  const percent = Math.round(progress * 100);
  return (
    <span
      role="progressbar"
      aria-label={t("composer.progress", { name: picture.filename })}
      aria-valuenow={percent}
      className="absolute inset-0 grid place-items-center bg-black/35 text-sm font-semibold text-white"
    >
      <span className="rounded-full bg-black/60 px-2.5 py-1">{percent}%</span>
    </span>
  );
}

interface TileProps {
  picture: Picture;
  pending: boolean;
  /** Where it stands among others; alone it keeps its own shape. */
  place: string | null;
  onOpen: () => void;
}

function Tile({ picture, pending, place, onOpen }: TileProps) {
  const { t } = useTranslation();
  // By address: what could not be shown from here may well come from the server.
  const [broken, setBroken] = useState<string | null>(null);
  if (broken === picture.thumbnail_url) {
    return <div className={clsx(place && "col-span-6 flex")}><FileCard file={picture} pending={pending} /></div>;
  }
  const open = (event: MouseEvent<HTMLAnchorElement>) => {
    // Like any link it can be opened in a tab of its own.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    // Not every browser gives focus to a link that is clicked; it has to come back here.
    event.currentTarget.focus();
    onOpen();
  };
  return (
    <a
      href={picture.url}
      target="_blank"
      rel="noreferrer"
      aria-label={t("messages.openImage", { name: picture.filename })}
      aria-haspopup="dialog"
      onClick={open}
      style={place === null ? frameOf(picture) : undefined}
      className={clsx("relative block max-w-full overflow-hidden rounded-xl bg-line", place)}
    >
      <img
        src={picture.thumbnail_url}
        alt={picture.filename}
        decoding="async"
        onError={() => setBroken(picture.thumbnail_url)}
        className="absolute inset-0 size-full object-cover"
      />
      {pending && <SendingMark picture={picture} />}
    </a>
  );
}

export function Pictures({ pictures, pending }: { pictures: readonly Picture[]; pending: boolean }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<number | null>(null);
  // Ahead of the first click, which may come without a connection.
  useEffect(() => void loadLightbox().catch(() => undefined), []);
  const open = (index: number) =>
    loadLightbox().then(() => setOpened(index), () => showToast("failed", t("errors.network")));
  const many = pictures.length > 1;
  // By place, not by id: a picture keeps its element when the server gives it another id, and does not flicker.
  const tiles = pictures.map((picture, index) => (
    <Tile
      key={index}
      picture={picture}
      pending={pending}
      place={many ? placeOf(index, pictures.length) : null}
      onOpen={() => void open(index)}
    />
  ));
  return (
    <>
      <div className={clsx(many && GRID_BOX)}>
        <div className={clsx(many && "grid grid-cols-6 gap-1.5 contain-inline-size")}>{tiles}</div>
      </div>
      {opened !== null && (
        <Suspense fallback={null}>
          <Lightbox pictures={pictures} start={opened} onClose={() => setOpened(null)} />
        </Suspense>
      )}
    </>
  );
}
