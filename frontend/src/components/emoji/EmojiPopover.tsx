import { type RefObject, Suspense, lazy, useEffect, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { place } from "@/components/ui/place";

export const loadEmojiPicker = () => import("./EmojiPicker");
const EmojiPicker = lazy(loadEmojiPicker);

interface EmojiPopoverProps {
  anchor: RefObject<HTMLElement | null>;
  onPick: (emoji: string) => void;
  /** `returnFocus`: it was left by the keyboard, not by looking at something else. */
  onClose: (returnFocus: boolean) => void;
}

/** The picker beside whatever opened it. The focus leaving it, or Escape, closes it. */
export function EmojiPopover({ anchor, onPick, onClose }: EmojiPopoverProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    if (anchor.current && box.current) place(anchor.current, box.current);
  }, [anchor]);

  useEffect(() => {
    const outside = (event: Event) => {
      const target = event.target as Node;
      if (!box.current?.contains(target) && !anchor.current?.contains(target)) onClose(false);
    };
    // On the document: the focus is still on what opened it while the picker is being loaded.
    const escaped = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      onClose(true);
    };
    const resized = () => {
      if (anchor.current && box.current) place(anchor.current, box.current);
    };
    document.addEventListener("keydown", escaped, { capture: true });
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    window.addEventListener("resize", resized);
    return () => {
      document.removeEventListener("keydown", escaped, { capture: true });
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
      window.removeEventListener("resize", resized);
    };
  }, [anchor, onClose]);

  return createPortal(
    <div
      ref={box}
      role="dialog"
      aria-label={t("emoji.title")}
      className="fixed z-50 h-[min(24rem,calc(100dvh-1rem))] w-[min(22rem,calc(100vw-0.75rem))] animate-appear overflow-hidden rounded-2xl border border-line bg-raised shadow-xl"
    >
      <Suspense fallback={null}>
        <EmojiPicker onPick={onPick} />
      </Suspense>
    </div>,
    document.body,
  );
}
