import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { searchMessages } from "@/api/chat";
import { keys } from "@/realtime/cache";

const PAUSE_MS = 250;
const FORGET_MS = 60_000;

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** With one person, or (null) with everybody. Asks when typing pauses. */
export function useMessageSearch(words: string, peerId: number | null) {
  const settled = useSettled(words.trim());
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
  return { ...query, settled, found: settled === "" ? [] : (query.data?.pages.flatMap((page) => page.items) ?? []) };
}
