import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/types";
import { useEngine } from "@/realtime/provider";

/** Older lines have been spoken; they would only be in the way of somebody who reads the page. */
const KEPT = 3;

/**
 * Says each new message once: who, what, how many files. The list itself is silent, because drawing and undrawing rows
 * while scrolling is no news.
 */
export function Announcer({ peerId, name }: { peerId: number; name: string }) {
  const { t } = useTranslation();
  const { arrivals } = useEngine();
  const [spoken, setSpoken] = useState<Message[]>([]);

  useEffect(
    () => arrivals.on((message) => {
      if (message.sender_id === peerId) setSpoken((before) => [...before, message].slice(-KEPT));
    }),
    [arrivals, peerId],
  );

  const textOf = ({ text, attachments }: Message) =>
    [name, text, attachments.length > 0 && t("chats.files", { count: attachments.length })].filter(Boolean).join(", ");
  return (
    <div aria-live="polite" data-announcer="" className="sr-only">
      {spoken.map((message) => (
        <p key={message.id}>{textOf(message)}</p>
      ))}
    </div>
  );
}
