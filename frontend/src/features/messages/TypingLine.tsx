import { useTranslation } from "react-i18next";
import { useTyping } from "@/realtime/useTyping";

export function TypingLine({ peerId, name }: { peerId: number; name: string }) {
  const { t } = useTranslation();
  const typing = useTyping(peerId);
  return (
    // The line is always there: somebody starting to type must not move the conversation.
    <p aria-live="polite" className="flex h-6 shrink-0 items-center gap-2 px-4 text-sm text-muted md:px-8">
      {typing && (
        <>
          <span aria-hidden className="flex gap-1">
            {["", "[animation-delay:150ms]", "[animation-delay:300ms]"].map((delay) => (
              <span key={delay} className={`size-1.5 animate-dot rounded-full bg-muted ${delay}`} />
            ))}
          </span>
          {t("messages.typing", { name })}
        </>
      )}
    </p>
  );
}
