import { useIsFetching, useQuery, useQueryClient } from "@tanstack/react-query";
import { listConversations, listConversationsWith } from "@/api/chat";
import { type ConversationList, extendList, findConversation, freshenList } from "./apply";
import { keys } from "./cache";
import { useEngine, useReady } from "./provider";
import { readFresh } from "./readFresh";

/** When others write without a pause, what is shown may be wrong for so long. */
const AGAIN_MS = 1000;

const nextOf = (list: ConversationList | undefined): string | null => list?.pages.at(-1)?.next_cursor ?? null;

/** What was read, and what the journal told while it was on its way, as far as it is about somebody who `isWanted` there. */
function useFreshly() {
  const engine = useEngine();
  const client = useQueryClient();
  return async (
    read: () => Promise<ConversationList>,
    isWanted: (peerId: number, list: ConversationList) => boolean = () => true,
  ): Promise<ConversationList> => {
    const { data, isSure } = await readFresh(engine.sequencer, read, (list, events) =>
      freshenList(list, events, engine.me, (peerId) => isWanted(peerId, list)),
    );
    if (!isSure) setTimeout(() => void client.invalidateQueries({ queryKey: keys.conversations }), AGAIN_MS);
    return data;
  };
}

/**
 * The newest conversations. Like histories (see useHistory) the list grows by what is added to the cache of that moment:
 * an infinite query would put back its pages as they were before it asked.
 */
function useList() {
  const client = useQueryClient();
  const freshly = useFreshly();
  const pagesShown = () => client.getQueryData<ConversationList>(keys.conversations)?.pages.length ?? 1;
  return useQuery({
    queryKey: keys.conversations,
    enabled: useReady(),
    queryFn: ({ signal }) =>
      freshly(async () => {
        let list = extendList({ pages: [] }, await listConversations(null, signal));
        for (let cursor = nextOf(list); cursor !== null && list.pages.length < pagesShown(); cursor = nextOf(list)) {
          list = extendList(list, await listConversations(cursor, signal));
        }
        return list;
      }),
  });
}

export function useConversations() {
  const client = useQueryClient();
  const freshly = useFreshly();
  const query = useList();
  const cursor = nextOf(query.data);

  /** Whoever asks twice gets one answer. */
  const fetchNextPage = () =>
    client.fetchQuery({
      queryKey: keys.moreConversations(cursor),
      gcTime: 0,
      queryFn: async ({ signal }) => {
        const read = async () => ({ pages: [await listConversations(cursor, signal)] });
        const [page] = (await freshly(read, (peerId, next) => findConversation(next, peerId) !== undefined)).pages;
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
    fetchNextPage,
  };
}

/**
 * The conversation with this person, wherever in the list it is; `settled`: if it is not there, there is none. One further
 * down than the list is loaded is asked for by itself, and forgotten when nobody looks at it any more.
 */
export function useConversation(peerId: number) {
  const freshly = useFreshly();
  const { data: list, isError } = useList();
  const listed = findConversation(list, peerId);
  const isFurtherDown = !listed && nextOf(list) !== null;
  const asked = useQuery({
    queryKey: keys.conversation(peerId),
    enabled: isFurtherDown,
    gcTime: 0,
    queryFn: ({ signal }) =>
      freshly(
        async () => ({ pages: [await listConversationsWith(peerId, signal)] }),
        (person) => person === peerId,
      ),
  });
  return {
    conversation: listed ?? findConversation(asked.data, peerId),
    settled: list !== undefined && (!isFurtherDown || asked.data !== undefined),
    failed: isError || (isFurtherDown && asked.isError),
  };
}
