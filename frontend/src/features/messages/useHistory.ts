import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { listMessages } from "@/api/chat";
import { freshenPage } from "@/realtime/apply";
import { keys } from "@/realtime/cache";
import { useEngine, useReady } from "@/realtime/provider";

export function useHistory(peerId: number) {
  const engine = useEngine();
  const ready = useReady();
  const query = useInfiniteQuery({
    queryKey: keys.history(peerId),
    enabled: ready,
    initialPageParam: null as number | null,
    queryFn: async ({ pageParam, signal }) => {
      const asked = engine.sequencer.last;
      const page = await listMessages(peerId, pageParam, signal);
      return freshenPage(page, engine.sequencer.since(asked), engine.me, peerId, pageParam === null);
    },
    getNextPageParam: (page) => (page.has_more_before ? page.items[0]?.id : undefined),
  });
  const pages = query.data?.pages;
  const messages = useMemo(() => (pages ?? []).toReversed().flatMap((page) => page.items), [pages]);
  return { ...query, messages };
}
