import { Search, X } from "lucide-react";
import { type KeyboardEvent, type UIEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { toApiError } from "@/api/errors";
import { Button, IconButton } from "@/components/ui/Button";
import { Choice } from "@/components/ui/Choice";
import { SkeletonRows } from "@/components/ui/Skeleton";
import { explain } from "@/i18n/errors";
import { moveByArrows } from "@/lib/arrows";
import { DateJump } from "./DateJump";
import { SearchHit } from "./SearchHit";
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
  const { t } = useTranslation();
  const { words, scope } = useSearchPanel(peerId);
  const { found, settled, isLoading, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useMessageSearch(words, scope === "here" ? peerId : null);
  const more = () => void (hasNextPage && !isFetchingNextPage && fetchNextPage());
  const onScroll = ({ currentTarget: box }: UIEvent<HTMLElement>) => {
    if (box.scrollHeight - box.scrollTop - box.clientHeight < AHEAD_PX) more();
  };
  const isEmpty = settled !== "" && !isLoading && !error && found.length === 0;
  const count = `${found.length}${hasNextPage ? "+" : ""}`;
  return (
    <div onScroll={onScroll} className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-2">
      <p role="status" className={isEmpty ? "p-6 text-center text-muted" : "sr-only"}>
        {isEmpty ? t("search.none") : found.length > 0 && t("search.found", { count: found.length, shown: count })}
      </p>
      {isLoading && <SkeletonRows count={4} label={t("app.loading")} />}
      {error && (
        <div className="p-4 text-center">
          <p role="alert" className="mb-3 text-muted">{explain(toApiError(error), t)}</p>
          <Button look="quiet" onClick={() => void refetch()}>{t("app.retry")}</Button>
        </div>
      )}
      <ul aria-label={t("search.results")} className="space-y-0.5">
        {found.map((message) => (
          <li key={message.id}>
            <SearchHit message={message} query={settled} here={peerId} onPick={onPick} />
          </li>
        ))}
      </ul>
      {hasNextPage && found.length > 0 && (
        <div className="p-3 text-center">
          <Button look="quiet" busy={isFetchingNextPage} onClick={more}>{t("app.more")}</Button>
        </div>
      )}
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
            className="h-11 w-full rounded-xl border border-field/60 bg-raised pr-3 pl-10.5 placeholder:text-muted focus:border-accent"
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
