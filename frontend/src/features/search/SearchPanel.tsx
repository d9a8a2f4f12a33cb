import { Search, X } from "lucide-react";
import { type KeyboardEvent, type UIEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/Button";
import { Choice } from "@/components/ui/Choice";
import { moveByArrows } from "@/lib/arrows";
import { DateJump } from "./DateJump";
import { Hits } from "./Hits";
import { useSearchPanel } from "./searchState";
import { useMessageSearch } from "./useMessageSearch";

const AHEAD_PX = 400;

interface SearchPanelProps {
  peerId: number;
  onJump: (messageId: number) => void;
  /** A result was chosen: where there is no room for both, the conversation is to be seen. */
  onPick: () => void;
  onClose: () => void;
}

function Results({ peerId, onPick }: Pick<SearchPanelProps, "peerId" | "onPick">) {
  const { words, scope } = useSearchPanel(peerId);
  const search = useMessageSearch(words, scope === "here" ? peerId : null);
  const onScroll = ({ currentTarget: box }: UIEvent<HTMLElement>) => {
    if (box.scrollHeight - box.scrollTop - box.clientHeight < AHEAD_PX) search.more();
  };
  return (
    <div onScroll={onScroll} className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-2">
      <Hits search={search} here={peerId} onPick={onPick} />
    </div>
  );
}

/** Beside the conversation where there is room, in front of it where there is none. */
export default function SearchPanel({ peerId, onJump, onPick, onClose }: SearchPanelProps) {
  const { t } = useTranslation();
  const { words, scope, search } = useSearchPanel(peerId);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === "Escape" && !event.nativeEvent.isComposing) {
      event.stopPropagation();
      onClose();
    } else if (!(event.target instanceof HTMLInputElement) || event.target === field.current) moveByArrows(event);
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- a landmark; keys for the controls that are in it
    <search
      aria-label={t("search.title")}
      onKeyDown={onKeyDown}
      className="absolute inset-0 z-30 flex flex-col border-l border-line bg-surface xl:static xl:w-96 xl:shrink-0"
    >
      <div className="flex h-17 shrink-0 items-center gap-2 px-3">
        <div className="relative min-w-0 flex-1">
          <Search size={18} aria-hidden className="pointer-events-none absolute top-3 left-3.5 text-muted" />
          <input
            ref={field}
            type="search"
            aria-label={t("search.field")}
            placeholder={t("search.field")}
            autoComplete="off"
            maxLength={200}
            value={words}
            onChange={(event) => search({ words: event.target.value })}
            className="h-11 w-full rounded-xl border border-field/60 bg-raised pr-3 pl-10.5 placeholder:text-muted focus:border-accent [&::-webkit-search-cancel-button]:hidden"
          />
        </div>
        <IconButton label={t("app.close")} onClick={onClose}>
          <X size={20} aria-hidden />
        </IconButton>
      </div>
      <div className="shrink-0 space-y-3 border-b border-line px-3 pb-3">
        <Choice
          label={t("search.scope")}
          value={scope}
          options={[
            { value: "here", label: t("search.here") },
            { value: "everywhere", label: t("search.everywhere") },
          ]}
          onChange={(chosen) => search({ scope: chosen })}
        />
        <DateJump peerId={peerId} onFound={onJump} />
      </div>
      <Results peerId={peerId} onPick={onPick} />
    </search>
  );
}
