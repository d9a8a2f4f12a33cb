import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { searchMessages } from "@/api/chat";
import { useSettled } from "@/lib/useSettled";
import { keys } from "@/realtime/cache";

const PAUSE_MS = 250;
const FORGET_MS = 60_000;

/** With one person, or (null) with everybody. Asks when typing pauses. */
export function useMessageSearch(words: string, peerId: number | null) {
  const settled = useSettled(words.trim(), PAUSE_MS);
  const query = useInfiniteQuery({
    queryKey: keys.search(settled, peerId),
    enabled: settled !== "",
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => searchMessages(settled, peerId, pageParam, signal),
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    // The journal does not add to results; asking again does.
    staleTime: 0,
    gcTime: FORGET_MS,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = () => void (hasNextPage && !isFetchingNextPage && fetchNextPage());
  return { ...query, settled, found: settled === "" ? [] : (query.data?.pages.flatMap((page) => page.items) ?? []), more };
}

export type MessageSearch = ReturnType<typeof useMessageSearch>;
