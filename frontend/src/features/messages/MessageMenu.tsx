import { Copy, EllipsisVertical, Pencil, Reply, SmilePlus, Trash2 } from "lucide-react";
import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/types";
import { ConfirmDialog } from "@/components/ui/ConfirmDialog";
import { Menu, type MenuItem } from "@/components/ui/Menu";
import { showToast } from "@/components/ui/toasts";
import { copyText } from "@/lib/clipboard";
import { ReactionPicker } from "./ReactionPicker";
import { useMessageActions } from "./useMessageActions";

interface MessageMenuProps {
  message: Message;
  own: boolean;
  canWrite: boolean;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
}

const ICON = { size: 18, "aria-hidden": true } as const;

export function MessageMenu({ message, own, canWrite, onReply, onEdit }: MessageMenuProps) {
  const { t } = useTranslation();
  const { react, remove } = useMessageActions();
  const [reacting, setReacting] = useState(false);
  const [asking, setAsking] = useState(false);
  const box = useRef<HTMLDivElement>(null);

  const endReacting = useCallback(() => {
    setReacting(false);
    box.current?.querySelector<HTMLElement>("[aria-haspopup]")?.focus();
  }, []);

  const copy = async () => {
    if (await copyText(message.text ?? "")) showToast("done", t("messages.copied"));
  };

  const items: (MenuItem | false)[] = [
    canWrite && { action: "reply", label: t("messages.reply"), icon: <Reply {...ICON} />, run: () => onReply(message) },
    canWrite && { action: "react", label: t("messages.react"), icon: <SmilePlus {...ICON} />, run: () => setReacting(true) },
    message.text !== null && { action: "copy", label: t("messages.copy"), icon: <Copy {...ICON} />, run: () => void copy() },
    own && canWrite && { action: "edit", label: t("messages.edit"), icon: <Pencil {...ICON} />, run: () => onEdit(message) },
    own && { action: "delete", label: t("messages.delete"), icon: <Trash2 {...ICON} />, danger: true, run: () => setAsking(true) },
  ];
  const offered = items.filter((item) => item !== false);
  if (offered.length === 0) return null;

  return (
    <div
      ref={box}
      className="relative shrink-0 opacity-0 transition-opacity group-hover:opacity-100 focus-within:opacity-100 has-aria-expanded:opacity-100 pointer-coarse:opacity-70"
    >
      <Menu label={t("messages.actions")} icon={<EllipsisVertical size={17} aria-hidden />} items={offered} className="size-9" />
      {reacting && (
        <ReactionPicker
          anchor={box}
          onClose={endReacting}
          onPick={(emoji) => {
            endReacting();
            void react(message, emoji);
          }}
        />
      )}
      {asking && (
        <ConfirmDialog
          title={t("messages.deleteTitle")}
          text={t("messages.deleteText")}
          confirm={t("messages.delete")}
          onConfirm={async () => void (await remove(message))}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}
