import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { searchPeople } from "@/api/auth";
import { useSettled } from "@/lib/useSettled";
import { keys } from "@/realtime/cache";

const PAUSE_MS = 200;
const FRESH_MS = 30_000;

export function usePeople(typed: string) {
  const query = useSettled(typed.trim(), PAUSE_MS);
  const result = useInfiniteQuery({
    queryKey: keys.people(query),
    queryFn: ({ pageParam, signal }) => searchPeople(query, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    // New people are not told about by the journal.
    staleTime: FRESH_MS,
  });
  const people = result.data?.pages.flatMap((page) => page.items) ?? [];
  /** These are the people for what is typed now, not for what was typed a moment ago. */
  const settled = query === typed.trim() && result.isSuccess && !result.isPlaceholderData;
  return { ...result, people, settled };
}
