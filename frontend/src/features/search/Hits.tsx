import { useTranslation } from "react-i18next";
import { toApiError } from "@/api/errors";
import { Button } from "@/components/ui/Button";
import { SkeletonRows } from "@/components/ui/Skeleton";
import { explain } from "@/i18n/errors";
import { SearchHit } from "./SearchHit";
import type { MessageSearch } from "./useMessageSearch";

interface HitsProps {
  search: MessageSearch;
  /** The conversation on the screen, if there is one. */
  here: number | null;
  onPick?: (() => void) | undefined;
}

/** What a search has found so far, and how it goes. */
export function Hits({ search, here, onPick }: HitsProps) {
  const { t } = useTranslation();
  const { found, settled, isLoading, error, refetch, hasNextPage, isFetchingNextPage, more } = search;
  const isEmpty = settled !== "" && !isLoading && !error && found.length === 0;
  const count = `${found.length}${hasNextPage ? "+" : ""}`;
  return (
    <>
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
            <SearchHit message={message} query={settled} here={here} onPick={onPick} />
          </li>
        ))}
      </ul>
      {hasNextPage && found.length > 0 && (
        <div className="p-3 text-center">
          <Button look="quiet" busy={isFetchingNextPage} onClick={more}>{t("app.more")}</Button>
        </div>
      )}
    </>
  );
}
