import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/types";
import { IconButton } from "@/components/ui/Button";
import { summarise } from "@/i18n/summary";

export type ComposerMode = { kind: "new" } | { kind: "reply" | "edit"; message: Message };

/** Says that what is written answers or changes a message, and which one. */
export function ModeBar({ mode, authorName, onEnd }: { mode: ComposerMode; authorName: string; onEnd: () => void }) {
  const { t } = useTranslation();
  if (mode.kind === "new") return null;
  const { text } = summarise(mode.message, t);
  return (
    <div className="mb-2 flex items-center gap-2 rounded-xl border-l-3 border-amber bg-accent-soft py-1 pr-1 pl-3 text-sm">
      <p className="min-w-0 flex-1">
        <span className="block truncate font-semibold">
          {mode.kind === "reply" ? t("composer.replying", { name: authorName }) : t("composer.editing")}
        </span>
        <span className="block truncate text-muted">{text}</span>
      </p>
      <IconButton label={t("composer.stop")} onClick={onEnd}>
        <X size={18} aria-hidden />
      </IconButton>
    </div>
  );
}
