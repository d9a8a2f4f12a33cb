import { useIsFetching, useQuery, useQueryClient } from "@tanstack/react-query";
import { listConversations, readConversation } from "@/api/chat";
import { type ConversationList, extendList, findConversation, freshenList } from "@/realtime/apply";
import { keys, viewOf } from "@/realtime/cache";
import { useEngine, useReady } from "@/realtime/provider";
import { readFresh } from "@/realtime/readFresh";

const nextOf = (list: ConversationList | undefined): string | null => list?.pages.at(-1)?.next_cursor ?? null;

/** What was read, and what the journal told while it was on its way. */
function useFreshly() {
  const engine = useEngine();
  const client = useQueryClient();
  return async (read: () => Promise<ConversationList>): Promise<ConversationList> => {
    const view = viewOf(client, engine.me);
    const fresh = await readFresh(engine.sequencer, read, (list, events) => ({ data: freshenList(list, events, view), isSure: true }));
    return fresh.data;
  };
}

/**
 * The newest conversations. Like histories (see useHistory) the list grows by what is added to the cache of that moment:
 * an infinite query would put back its pages as they were before it asked.
 */
export function useConversations() {
  const client = useQueryClient();
  const freshly = useFreshly();
  const query = useQuery({
    queryKey: keys.conversations,
    enabled: useReady(),
    queryFn: ({ signal }) =>
      freshly(async () => {
        const before = client.getQueryData<ConversationList>(keys.conversations);
        const wanted = before?.pages.length ?? 1;
        let list = extendList({ pages: [], aside: before?.aside ?? [] }, await listConversations(null, signal));
        for (let cursor = nextOf(list); cursor !== null && list.pages.length < wanted; cursor = nextOf(list)) {
          list = extendList(list, await listConversations(cursor, signal));
        }
        const aside = await Promise.all(list.aside.map(({ peer }) => readConversation(peer.id, signal)));
        return { ...list, aside: aside.filter((item) => item !== null) };
      }),
  });
  const cursor = nextOf(query.data);

  const fetchNextPage = () =>
    client.fetchQuery({
      queryKey: keys.moreConversations(cursor),
      gcTime: 0,
      queryFn: async ({ signal }) => {
        const next = await freshly(async () => ({ pages: [await listConversations(cursor, signal)], aside: [] }));
        const [page] = next.pages;
        client.setQueryData<ConversationList>(keys.conversations, (list) =>
          list && page && nextOf(list) === cursor ? extendList(list, page) : list,
        );
        return null;
      },
    });
  return {
    ...query,
    conversations: query.data?.pages.flatMap((page) => page.items) ?? [],
    hasNextPage: cursor !== null,
    isFetchingNextPage: useIsFetching({ queryKey: keys.moreConversations(null) }) > 0,
    /** Whoever asks twice gets one answer. */
    fetchNextPage: () => void fetchNextPage().catch(() => undefined),
  };
}

/** The conversation with this person, wherever in the list it is; `settled`: if it is not there, there is none. */
export function useConversation(peerId: number) {
  const client = useQueryClient();
  const freshly = useFreshly();
  const { data: list, isError, hasNextPage } = useConversations();
  const conversation = findConversation(list, peerId);
  const isFurtherDown = list !== undefined && !conversation && hasNextPage;
  const asked = useQuery({
    queryKey: keys.conversation(peerId),
    enabled: isFurtherDown,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const { aside } = await freshly(async () => {
        const found = await readConversation(peerId, signal);
        return { pages: [], aside: found ? [found] : [] };
      });
      client.setQueryData<ConversationList>(keys.conversations, (now) =>
        now && !findConversation(now, peerId) ? { ...now, aside: [...now.aside, ...aside] } : now,
      );
      return null;
    },
  });
  const isKnown = list !== undefined && (conversation !== undefined || !isFurtherDown || asked.isFetched);
  return { conversation, settled: isKnown, failed: isError };
}
