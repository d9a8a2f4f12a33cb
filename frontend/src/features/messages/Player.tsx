import { useState } from "react";
import type { Attachment } from "@/api/types";
import { FileCard } from "./FileCard";

/** What the server gives in place; by its word, which is about the content and not about the name. */
const PLAYABLE = /^(audio\/(mpeg|ogg)|video\/(mp4|webm))$/;

export const isPlayable = ({ content_type }: Attachment) => PLAYABLE.test(content_type);

/** The browser's own player. A file that this browser cannot play is still a file to be had. */
export function Player({ file }: { file: Attachment }) {
  const [broken, setBroken] = useState(false);
  const isVideo = file.content_type.startsWith("video/");
  const controls = { controls: true, preload: "metadata", src: file.url, "aria-label": file.filename, onError: () => setBroken(true) } as const;
  return (
    <div className="w-80 max-w-full space-y-1.5">
      {!broken && isVideo && (
        // What people send each other has no captions to offer. The size is the same before and after it is known.
        // eslint-disable-next-line jsx-a11y/media-has-caption
        <video {...controls} className="aspect-video w-full rounded-xl bg-black object-contain" />
      )}
      {!broken && !isVideo && (
        // eslint-disable-next-line jsx-a11y/media-has-caption
        <audio {...controls} className="h-11 w-full" />
      )}
      <FileCard file={file} pending={false} />
    </div>
  );
}
