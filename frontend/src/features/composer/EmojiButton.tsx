import { Smile } from "lucide-react";
import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { EmojiPopover, loadEmojiPicker } from "@/components/emoji/EmojiPopover";
import { IconButton } from "@/components/ui/Button";
import { showToast } from "@/components/ui/toasts";

export function EmojiButton({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);

  const close = useCallback((returnFocus: boolean) => {
    setOpen(false);
    if (returnFocus) box.current?.querySelector("button")?.focus();
  }, []);
  const toggle = () => {
    if (open) close(false);
    else loadEmojiPicker().then(() => setOpen(true), () => showToast("failed", t("errors.network")));
  };
  return (
    <span ref={box} className="inline-flex">
      <IconButton
        label={t("emoji.open")}
        aria-haspopup="dialog"
        aria-expanded={open}
        className="size-12!"
        onClick={toggle}
        onPointerEnter={() => void loadEmojiPicker().catch(() => undefined)}
      >
        <Smile size={21} aria-hidden />
      </IconButton>
      {open && (
        <EmojiPopover
          anchor={box}
          onClose={close}
          onPick={(emoji) => {
            close(false);
            onPick(emoji);
          }}
        />
      )}
    </span>
  );
}
