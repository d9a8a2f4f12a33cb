import type { Attachment } from "@/api/types";
import { FileCard } from "./FileCard";
import { type Picture, Pictures } from "./Pictures";
import { Player, isPlayable } from "./Player";

function isPicture(attachment: Attachment): attachment is Picture {
  return attachment.thumbnail_url !== null && attachment.width !== null && attachment.height !== null;
}

interface AttachmentsProps {
  attachments: readonly Attachment[];
  /** Still on their way to the server, which has nothing to open or to play yet. */
  pending: boolean;
}

export function Attachments({ attachments, pending }: AttachmentsProps) {
  const pictures = attachments.filter(isPicture);
  const others = attachments.filter((attachment) => !isPicture(attachment));
  return (
    <div className="mb-1 space-y-1.5">
      {pictures.length > 0 && <Pictures pictures={pictures} pending={pending} />}
      {others.map((file) =>
        !pending && isPlayable(file) ? <Player key={file.id} file={file} /> : <FileCard key={file.id} file={file} pending={pending} />,
      )}
    </div>
  );
}
