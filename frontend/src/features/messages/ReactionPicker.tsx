import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

const COMMON = ["👍", "❤️", "😂", "😮", "😢", "🙏", "🔥", "🎉"];

interface ReactionPickerProps {
  onPick: (emoji: string) => void;
  onClose: () => void;
}

export function ReactionPicker({ onPick, onClose }: ReactionPickerProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    box.current?.querySelector("button")?.focus();
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) onClose();
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [onClose]);

  return (
    <div
      ref={box}
      role="toolbar"
      aria-label={t("messages.reactions")}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
      className="absolute top-full z-20 mt-1 flex animate-appear gap-0.5 rounded-full border border-line bg-raised p-1 shadow-xl group-data-own:right-0 max-sm:grid max-sm:grid-cols-4 max-sm:rounded-2xl"
    >
      {COMMON.map((emoji) => (
        <button key={emoji} type="button" onClick={() => onPick(emoji)} className="size-10 rounded-full text-xl hover:bg-accent-soft">
          {emoji}
        </button>
      ))}
    </div>
  );
}
