import { Plus } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { EmojiPopover, loadEmojiPicker } from "@/components/emoji/EmojiPopover";
import { place } from "@/components/ui/place";
import { showToast } from "@/components/ui/toasts";

const COMMON = ["👍", "❤️", "😂", "😮", "😢", "🙏", "🔥", "🎉"];

interface ReactionPickerProps {
  anchor: RefObject<HTMLElement | null>;
  onPick: (emoji: string) => void;
  onClose: () => void;
}

export function ReactionPicker({ anchor, onPick, onClose }: ReactionPickerProps) {
  const { t } = useTranslation();
  const [wantsMore, setWantsMore] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const buttons = () => [...(box.current?.querySelectorAll("button") ?? [])];

  useLayoutEffect(() => {
    if (anchor.current && box.current) place(anchor.current, box.current);
    box.current?.querySelector("button")?.focus();
  }, [anchor]);
  useEffect(() => {
    // All emoji stand elsewhere on the page, and know by themselves when they are left.
    if (wantsMore) return;
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) onClose();
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [onClose, wantsMore]);

  const more = () => void loadEmojiPicker().then(() => setWantsMore(true), () => showToast("failed", t("errors.network")));
  const onKeyDown = (event: KeyboardEvent) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const targets: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (at >= 0 && event.key in targets) {
      event.preventDefault();
      all.at((targets[event.key] ?? 0) % all.length)?.focus();
    }
  };
  return createPortal(
    <div
      ref={box}
      role="toolbar"
      aria-label={t("messages.reactions")}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      className="fixed z-50 flex w-max animate-appear gap-0.5 rounded-full border border-line bg-raised p-1 shadow-xl max-sm:grid max-sm:grid-cols-[repeat(5,auto)] max-sm:rounded-2xl"
    >
      {COMMON.map((emoji) => (
        <button key={emoji} type="button" onClick={() => onPick(emoji)} className="size-10 rounded-full text-xl hover:bg-accent-soft">
          {emoji}
        </button>
      ))}
      <button
        type="button"
        aria-label={t("emoji.more")}
        title={t("emoji.more")}
        aria-haspopup="dialog"
        aria-expanded={wantsMore}
        onClick={more}
        className="inline-flex size-10 items-center justify-center rounded-full text-muted hover:bg-accent-soft hover:text-ink"
      >
        <Plus size={20} aria-hidden />
      </button>
      {wantsMore && <EmojiPopover anchor={box} onPick={onPick} onClose={onClose} />}
    </div>,
    document.body,
  );
}
