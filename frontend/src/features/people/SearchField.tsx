import { Search, X } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { IconButton } from "@/components/ui/Button";
import { SEARCH_FIELD, useArrival } from "./findPeople";

interface SearchFieldProps {
  value: string;
  onChange: (value: string) => void;
  onEnter: () => void;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Escape empties it and leads back to where one was. */
export function SearchField({ value, onChange, onEnter }: SearchFieldProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const cameToLook = useArrival();
  const before = useRef<Element | null>(null);

  const leave = () => {
    onChange("");
    if (cameToLook) void navigate(-1);
    else if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") leave();
    if (event.key === "Enter") onEnter();
  };
  return (
    <search className="relative block px-4 pb-3">
      <Search size={18} aria-hidden className="pointer-events-none absolute top-3 left-7.5 text-muted" />
      <input
        id={SEARCH_FIELD}
        type="search"
        aria-label={t("people.search")}
        aria-keyshortcuts="Control+K Meta+K"
        placeholder={t("people.search")}
        autoComplete="off"
        value={value}
        onFocus={(event) => {
          if (event.relatedTarget && !event.currentTarget.closest("nav")?.contains(event.relatedTarget)) before.current = event.relatedTarget;
        }}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        className="h-11 w-full rounded-xl border border-field/60 bg-raised pr-11 pl-10.5 placeholder:text-muted focus:border-accent [&::-webkit-search-cancel-button]:hidden"
      />
      {value ? (
        <IconButton label={t("people.clear")} className="absolute top-0.5 right-4.5" onClick={() => onChange("")}>
          <X size={18} aria-hidden />
        </IconButton>
      ) : (
        <kbd aria-hidden className="pointer-events-none absolute top-2.5 right-6.5 rounded-md border border-line px-1.5 font-sans text-xs leading-5.5 text-muted pointer-coarse:hidden">
          {isMac ? "⌘K" : "Ctrl K"}
        </kbd>
      )}
    </search>
  );
}
