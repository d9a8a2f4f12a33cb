import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useNavigate } from "react-router";
import { Avatar } from "@/components/ui/Avatar";
import { Button } from "@/components/ui/Button";
import { SkeletonRows } from "@/components/ui/Skeleton";
import { nameOf } from "@/i18n/names";
import { useEngine } from "@/realtime/provider";
import { usePeople } from "./usePeople";

interface PeopleResultsProps {
  query: string;
  /** Enter was pressed: the first one is wanted, as soon as it is known who that is. */
  openFirst: boolean;
  onPick: () => void;
}

function useOpenFirst(wanted: boolean, first: number | undefined, onPick: () => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    if (!wanted || first === undefined) return;
    onPick();
    void navigate(`/chat/${first}`);
  }, [wanted, first, onPick, navigate]);
}

export function PeopleResults({ query, openFirst, onPick }: PeopleResultsProps) {
  const { t } = useTranslation();
  const { me } = useEngine();
  const { people, settled, isPending, isError, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = usePeople(query);
  useOpenFirst(openFirst && settled, people.find(({ id }) => id !== me)?.id, onPick);

  if (isPending) return <SkeletonRows count={4} label={t("app.loading")} />;
  if (isError) {
    return (
      <div className="p-4 text-center">
        <p role="alert" className="mb-3 text-muted">{t("errors.network")}</p>
        <Button look="quiet" onClick={() => void refetch()}>{t("app.retry")}</Button>
      </div>
    );
  }
  return (
    <>
      {/* Heard, not seen: whoever does not see the list wants to know that it changed. */}
      <p role="status" className="sr-only">{settled && t("people.found", { count: people.length })}</p>
      {people.length === 0 && <p className="px-6 py-5 text-center text-muted">{t("people.none")}</p>}
      <ul aria-label={t("people.results")} className="space-y-0.5 p-2 empty:hidden">
        {people.map((person) => (
          <li key={person.id}>
            <NavLink to={`/chat/${person.id}`} onClick={onPick} className="flex items-center gap-3 rounded-2xl px-2.5 py-2.5 hover:bg-line/40">
              <Avatar name={nameOf(person, t)} seed={person.id} />
              <span className="min-w-0">
                <span className="block truncate font-semibold">{nameOf(person, t)}</span>
                <span className="block truncate text-sm text-muted">@{person.username}</span>
              </span>
            </NavLink>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <div className="p-3 text-center">
          <Button look="quiet" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("app.more")}</Button>
        </div>
      )}
    </>
  );
}
