import { Check, SendHorizontal } from "lucide-react";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { type EnterKey, choices } from "@/lib/choices";
import { isRefused } from "@/realtime/trays";
import { EmojiButton } from "./EmojiButton";
import { FilePicker } from "./FilePicker";
import { type ComposerMode, ModeBar } from "./ModeBar";
import { UploadTray } from "./UploadTray";
import { useDraft } from "./useDraft";
import { NEW, type SaveEdit, useEdit } from "./useEdit";
import { useField } from "./useField";
import { useSend } from "./useSend";
import type { Tray } from "./useTray";
import { useTypingNotice } from "./useTypingNotice";

const MAX_TEXT = 8000;

interface MessageInputProps {
  peerId: number;
  mode: ComposerMode;
  authorName: string;
  tray: Tray;
  onModeChange: (mode: ComposerMode) => void;
  onEditLast: () => void;
  onSaveEdit: SaveEdit;
}

/** With Ctrl or ⌘ it always sends; by itself as its owner chose. */
function isSending(event: KeyboardEvent, enterKey: EnterKey): boolean {
  if (event.key !== "Enter") return false;
  return event.ctrlKey || event.metaKey || (enterKey === "sends" && !event.shiftKey);
}

export function MessageInput({ peerId, mode, authorName, tray, onModeChange, onEditLast, onSaveEdit }: MessageInputProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useDraft(peerId);
  const send = useSend(peerId);
  const edit = useEdit(mode, onModeChange, onSaveEdit);
  const notice = useTypingNotice(peerId);

  const editing = edit.message !== null;
  const text = editing ? edit.text : draft;
  const change = (value: string) => {
    if (editing) edit.change(value);
    else setDraft(value);
    if (value) notice.typing();
    else notice.stop();
  };
  const { field, insert } = useField(text, mode, change);

  const length = [...text].length;
  const refused = tray.chips.filter(isRefused).length;
  const hasFiles = !editing && tray.chips.length > refused;
  const canSend = (text.trim() !== "" || hasFiles) && length <= MAX_TEXT;

  const submit = () => {
    if (!canSend) return;
    notice.stop();
    if (editing) {
      void edit.save();
      return;
    }
    const isReply = mode.kind === "reply";
    send(text, isReply ? mode.message.id : null, () => isReply && onModeChange(mode));
    onModeChange(NEW);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method is composing, Enter chooses a word; it must not send half of one.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (isSending(event, choices.getState().enterKey)) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && mode.kind !== "new") edit.end();
    else if (event.key === "ArrowUp" && text === "" && mode.kind === "new" && !event.altKey) {
      event.preventDefault();
      onEditLast();
    }
  };

  const isTooLong = length > MAX_TEXT;
  const label = t(editing ? "composer.saveEdit" : "composer.send");
  return (
    <form
      className="shrink-0 border-t border-line bg-surface px-2 pt-2.5 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-3 md:px-6"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="mx-auto max-w-4xl">
        <ModeBar mode={mode} authorName={authorName} onEnd={edit.end} />
        {!editing && <UploadTray tray={tray} />}
        <p role="status" className={isTooLong ? "text-sm text-danger" : "text-sm text-muted"}>
          {isTooLong ? t("composer.tooLong", { used: length }) : refused > 0 && !editing && t("composer.refusedStay")}
        </p>
        <div className="flex items-end gap-1 sm:gap-1.5">
          <FilePicker disabled={editing} onFiles={(files) => void tray.add(files)} />
          <textarea
            ref={field}
            rows={1}
            aria-label={t("composer.label")}
            placeholder={t("composer.placeholder")}
            value={text}
            onChange={(event) => change(event.target.value)}
            onKeyDown={onKeyDown}
            // Eight lines, or a third of a window that is lower than that.
            className="max-h-[min(8lh+1.5rem,40dvh)] min-h-12 min-w-0 flex-1 resize-none overflow-y-auto rounded-2xl border border-field/60 bg-raised px-3 py-2.75 placeholder:whitespace-nowrap placeholder:text-muted sm:px-4 focus:border-accent focus:outline-none"
          />
          <EmojiButton onPick={insert} />
          <button
            type="submit"
            aria-label={label}
            title={label}
            disabled={!canSend}
            className="inline-flex size-12 shrink-0 items-center justify-center rounded-2xl bg-accent-fill text-white transition-colors hover:bg-accent-hover disabled:bg-line disabled:text-muted"
          >
            {editing ? <Check size={21} aria-hidden /> : <SendHorizontal size={21} aria-hidden />}
          </button>
        </div>
      </div>
    </form>
  );
}
