import { useInfiniteQuery } from "@tanstack/react-query";
import { listConversations } from "@/api/chat";
import type { Conversation } from "@/api/types";
import { keys } from "@/realtime/cache";
import { useEngine, useReady } from "@/realtime/provider";

const MAX_READS = 3;

export function useConversations() {
  const engine = useEngine();
  const ready = useReady();
  const query = useInfiniteQuery({
    queryKey: keys.conversations,
    enabled: ready,
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      // Counters cannot be patched twice safely: if the journal moved while the page was being read, read it again.
      for (let reads = 1; ; reads += 1) {
        const before = engine.sequencer.last;
        const page = await listConversations(pageParam, signal);
        if (engine.sequencer.last === before || reads === MAX_READS) return page;
      }
    },
    getNextPageParam: (page) => page.next_cursor,
  });
  const conversations: Conversation[] = query.data?.pages.flatMap((page) => page.items) ?? [];
  return { ...query, conversations };
}
