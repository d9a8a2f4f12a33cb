import { Check, Paperclip, SendHorizontal, X } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/types";
import { IconButton } from "@/components/ui/Button";
import { useEngine } from "@/realtime/provider";
import { UploadTray } from "./UploadTray";
import { useDraft } from "./useDraft";
import { useTypingNotice } from "./useTypingNotice";
import type { Uploads } from "./useUploads";

const MAX_TEXT = 8000;

export type ComposerMode = { kind: "new" } | { kind: "reply" | "edit"; message: Message };

interface MessageInputProps {
  peerId: number;
  mode: ComposerMode;
  authorName: string;
  uploads: Uploads;
  onModeEnd: () => void;
  onEditLast: () => void;
  /** Resolves to whether the change was accepted. */
  onSaveEdit: (message: Message, text: string) => Promise<boolean>;
}

function ModeBar({ label, preview, onEnd }: { label: string; preview: string | null; onEnd: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="mb-2 flex items-center gap-2 rounded-xl border-l-3 border-amber bg-accent-soft py-1 pr-1 pl-3 text-sm">
      <p className="min-w-0 flex-1">
        <span className="block truncate font-semibold">{label}</span>
        {preview && <span className="block truncate text-muted">{preview}</span>}
      </p>
      <IconButton label={t("composer.stop")} onClick={onEnd}>
        <X size={18} aria-hidden />
      </IconButton>
    </div>
  );
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

export function MessageInput({ peerId, mode, authorName, uploads, onModeEnd, onEditLast, onSaveEdit }: MessageInputProps) {
  const { t } = useTranslation();
  const { outbox } = useEngine();
  const [draft, setDraft] = useDraft(peerId);
  const [edited, setEdited] = useState({ id: 0, text: "" });
  const [waiting, setWaiting] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const notice = useTypingNotice(peerId);

  const editing = mode.kind === "edit" ? mode.message : null;
  if (editing && edited.id !== editing.id) setEdited({ id: editing.id, text: editing.text ?? "" });
  const text = editing ? edited.text : draft;
  const field = useAutosize(text);

  const length = [...text].length;
  const hasContent = text.trim() !== "" || (!editing && uploads.uploads.length > 0);
  const canSend = hasContent && length <= MAX_TEXT;

  useEffect(() => {
    // On a touch screen the keyboard would cover the conversation that was just opened.
    if (mode.kind !== "new" || window.matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [field, mode]);

  const sendNew = () => {
    setWaiting(false);
    const attachments = uploads.take();
    const hasText = text.trim() !== "";
    void outbox.add({ peer_id: peerId, text: hasText ? text : null, attachments, reply_to_id: mode.kind === "reply" ? mode.message.id : null });
    setDraft("");
    notice.stop();
    onModeEnd();
  };

  const saveEdit = async (message: Message) => {
    if (text !== message.text && !(await onSaveEdit(message, text))) return;
    endMode();
  };

  const endMode = () => {
    setEdited({ id: 0, text: "" });
    onModeEnd();
  };

  const submit = () => {
    if (!canSend) return;
    if (editing) void saveEdit(editing);
    else if (uploads.busy || uploads.failed) setWaiting(true);
    else sendNew();
  };

  const sendWaiting = useEffectEvent(() => {
    if (canSend && !editing) sendNew();
    else setWaiting(false);
  });

  useEffect(() => {
    if (waiting && !uploads.busy && !uploads.failed) sendWaiting();
  }, [waiting, uploads.busy, uploads.failed]);

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method is composing, Enter chooses a word; it must not send half of one.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && mode.kind !== "new") endMode();
    else if (event.key === "ArrowUp" && text === "" && mode.kind === "new") {
      event.preventDefault();
      onEditLast();
    }
  };

  const onPaste = (event: ClipboardEvent) => {
    if (editing || event.clipboardData.files.length === 0) return;
    event.preventDefault();
    uploads.add(event.clipboardData.files);
  };

  const change = (value: string) => {
    if (editing) setEdited({ id: editing.id, text: value });
    else setDraft(value);
    if (value) notice.typing();
    else notice.stop();
  };

  const hint: ReactNode =
    length > MAX_TEXT ? t("composer.tooLong", { used: length }) : waiting && t(uploads.failed ? "composer.fixFiles" : "composer.waiting");
  const isWrong = length > MAX_TEXT || (waiting && uploads.failed);

  return (
    <form
      className="shrink-0 border-t border-line bg-surface px-3 pt-2.5 pb-[max(0.75rem,env(safe-area-inset-bottom))] md:px-6"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="mx-auto max-w-4xl">
        {mode.kind === "reply" && <ModeBar label={t("composer.replying", { name: authorName })} preview={mode.message.text} onEnd={endMode} />}
        {mode.kind === "edit" && <ModeBar label={t("composer.editing")} preview={mode.message.text} onEnd={endMode} />}
        {!editing && <UploadTray uploads={uploads} />}
        <p role="status" className={isWrong ? "text-sm text-danger" : "text-sm text-muted"}>{hint}</p>
        <div className="flex items-end gap-1.5">
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            aria-label={t("composer.files")}
            onChange={(event) => {
              uploads.add(event.target.files ?? []);
              // The same file may be chosen again after it was removed.
              event.target.value = "";
            }}
          />
          <IconButton label={t("composer.attach")} disabled={editing !== null} className="size-12!" onClick={() => picker.current?.click()}>
            <Paperclip size={21} aria-hidden />
          </IconButton>
          <textarea
            ref={field}
            rows={1}
            aria-label={t("composer.label")}
            placeholder={t("composer.placeholder")}
            value={text}
            onChange={(event) => change(event.target.value)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            className="max-h-[33dvh] min-h-12 min-w-0 flex-1 resize-none overflow-y-auto rounded-2xl border border-field/60 bg-raised px-4 py-2.75 placeholder:text-muted focus:border-accent focus:outline-none"
          />
          <button
            type="submit"
            aria-label={t(editing ? "composer.saveEdit" : "composer.send")}
            title={t(editing ? "composer.saveEdit" : "composer.send")}
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
