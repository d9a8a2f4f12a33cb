import { Check, SendHorizontal } from "lucide-react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/types";
import { isRefused } from "@/realtime/trays";
import { FilePicker } from "./FilePicker";
import { type ComposerMode, ModeBar } from "./ModeBar";
import { UploadTray } from "./UploadTray";
import { useDraft } from "./useDraft";
import { useSend } from "./useSend";
import type { Tray } from "./useTray";
import { useTypingNotice } from "./useTypingNotice";

const MAX_TEXT = 8000;
const NEW: ComposerMode = { kind: "new" };

interface MessageInputProps {
  peerId: number;
  mode: ComposerMode;
  authorName: string;
  tray: Tray;
  onModeChange: (mode: ComposerMode) => void;
  onEditLast: () => void;
  /** Resolves to the message as it is now, or to null when the change was not accepted. */
  onSaveEdit: (message: Message, text: string) => Promise<Message | null>;
}

/** Grows with its text up to a third of the window. */
function useAutosize(text: string) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (!field.current) return;
    field.current.style.height = "auto";
    field.current.style.height = `${field.current.scrollHeight}px`;
  }, [text]);
  return field;
}

/** The text of a message that is being changed: beside the draft, which waits until that is done. */
function useEdit(mode: ComposerMode, onModeChange: (mode: ComposerMode) => void, onSave: MessageInputProps["onSaveEdit"]) {
  const [edited, setEdited] = useState({ id: 0, text: "" });
  const message = mode.kind === "edit" ? mode.message : null;
  if (message && edited.id !== message.id) setEdited({ id: message.id, text: message.text ?? "" });
  const latest = useRef(edited);
  useLayoutEffect(() => {
    latest.current = message ? edited : { id: 0, text: "" };
  });

  const end = () => {
    setEdited({ id: 0, text: "" });
    onModeChange(NEW);
  };
  const save = async () => {
    if (!message) return;
    const { text } = edited;
    const saved = text === message.text ? message : await onSave(message, text);
    // Meanwhile one may have left this edit, or written more of it: neither may be taken away by the answer.
    if (!saved || latest.current.id !== message.id) return;
    if (latest.current.text === text) end();
    else onModeChange({ kind: "edit", message: saved });
  };
  return { message, text: edited.text, change: (text: string) => setEdited({ id: message?.id ?? 0, text }), save, end };
}

export function MessageInput({ peerId, mode, authorName, tray, onModeChange, onEditLast, onSaveEdit }: MessageInputProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useDraft(peerId);
  const send = useSend(peerId);
  const edit = useEdit(mode, onModeChange, onSaveEdit);
  const notice = useTypingNotice(peerId);

  const editing = edit.message !== null;
  const text = editing ? edit.text : draft;
  const field = useAutosize(text);

  const length = [...text].length;
  const refused = tray.chips.filter(isRefused).length;
  const hasFiles = !editing && tray.chips.length > refused;
  const canSend = (text.trim() !== "" || hasFiles) && length <= MAX_TEXT;

  useEffect(() => {
    // On a touch screen the keyboard would cover the conversation that was just opened.
    if (mode.kind !== "new" || window.matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [field, mode]);

  const submit = () => {
    if (!canSend) return;
    if (editing) {
      void edit.save();
      return;
    }
    const isReply = mode.kind === "reply";
    send(text, isReply ? mode.message.id : null, () => isReply && onModeChange(mode));
    notice.stop();
    onModeChange(NEW);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method is composing, Enter chooses a word; it must not send half of one.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && mode.kind !== "new") edit.end();
    else if (event.key === "ArrowUp" && text === "" && mode.kind === "new") {
      event.preventDefault();
      onEditLast();
    }
  };

  const change = (value: string) => {
    if (editing) edit.change(value);
    else setDraft(value);
    if (value) notice.typing();
    else notice.stop();
  };

  const isTooLong = length > MAX_TEXT;
  const label = t(editing ? "composer.saveEdit" : "composer.send");
  return (
    <form
      className="shrink-0 border-t border-line bg-surface px-3 pt-2.5 pb-[max(0.75rem,env(safe-area-inset-bottom))] md:px-6"
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
        <div className="flex items-end gap-1.5">
          <FilePicker disabled={editing} onFiles={(files) => void tray.add(files)} />
          <textarea
            ref={field}
            rows={1}
            aria-label={t("composer.label")}
            placeholder={t("composer.placeholder")}
            value={text}
            onChange={(event) => change(event.target.value)}
            onKeyDown={onKeyDown}
            className="max-h-[33dvh] min-h-12 min-w-0 flex-1 resize-none overflow-y-auto rounded-2xl border border-field/60 bg-raised px-4 py-2.75 placeholder:text-muted focus:border-accent focus:outline-none"
          />
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
