import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/types";
import { useEngine } from "@/realtime/provider";
import { useMessageActions } from "./useMessageActions";

export function Reactions({ message, canReact }: { message: Message; canReact: boolean }) {
  const { t } = useTranslation();
  const { me } = useEngine();
  const { react } = useMessageActions();
  return (
    <div className="z-1 -mt-1.5 flex flex-wrap gap-1 px-2">
      {message.reactions.map(({ emoji, user_ids }) => (
        <button
          key={emoji}
          type="button"
          disabled={!canReact}
          aria-pressed={user_ids.includes(me)}
          aria-label={t("messages.reaction", { emoji, count: user_ids.length })}
          onClick={() => void react(message, emoji)}
          className={clsx(
            "inline-flex min-h-7 items-center gap-1 rounded-full border px-2 text-sm",
            user_ids.includes(me) ? "border-accent bg-accent-soft" : "border-line bg-raised",
          )}
        >
          {emoji}
          {user_ids.length > 1 && <span className="text-xs text-muted">{user_ids.length}</span>}
        </button>
      ))}
    </div>
  );
}
