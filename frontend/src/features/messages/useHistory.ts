import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type HistoryPlace, listMessages } from "@/api/chat";
import type { Message, MessagePage } from "@/api/types";
import { type History, extendHistory, freshenPage, reachesPresent } from "@/realtime/apply";
import { keys } from "@/realtime/cache";
import type { Engine } from "@/realtime/engine";
import { useConnected, useEngine, useReady } from "@/realtime/provider";
import { readFresh } from "@/realtime/readFresh";

/** One end of what is loaded. */
export interface Edge {
  hasMore: boolean;
  isLoading: boolean;
  failed: boolean;
  load: () => void;
}

export interface HistoryView {
  messages: readonly Message[];
  isPending: boolean;
  isSuccess: boolean;
  error: unknown;
  retry: () => void;
  /** Its end is the present. */
  isPresent: boolean;
  older: Edge;
  newer: Edge;
  /** Shows another part of the conversation instead; false when that could not be had. */
  show: (place: HistoryPlace) => Promise<boolean>;
}

type Side = "older" | "newer";
const SIDES = ["older", "newer"] as const;

/** The message beyond which there is more. */
function edgeOf(history: History | undefined, side: Side): number | null {
  const page = side === "older" ? history?.pages.at(-1) : history?.pages[0];
  const last = side === "older" ? page?.items[0] : page?.items.at(-1);
  const hasMore = side === "older" ? page?.has_more_before : page?.has_more_after;
  return hasMore && last ? last.id : null;
}

const placeBeyond = (edge: number, side: Side): HistoryPlace => (side === "older" ? { before: edge } : { after: edge });

async function readPage({ sequencer, me }: Engine, peerId: number, place: HistoryPlace, signal?: AbortSignal): Promise<MessagePage> {
  const fresh = await readFresh(
    sequencer,
    () => listMessages(peerId, place, signal),
    (page, events) => ({ data: freshenPage(page, events, me, peerId), isSure: true }),
  );
  return fresh.data;
}

/** What was asked for, by the edge that was on the screen then: a new edge is a new question. */
type Asked = Record<Side, { edge: number; failed: boolean } | null>;

const NOTHING: Asked = { older: null, newer: null };

/**
 * What is loaded grows at both ends. The query itself only ever reads one page, and everything else is added to what is
 * in the cache at that moment: an infinite query would put back the pages as they were before it asked, without what
 * the journal changed meanwhile.
 */
function useEdges(peerId: number, history: History | undefined) {
  const client = useQueryClient();
  const engine = useEngine();
  const connected = useConnected();
  const [asked, setAsked] = useState(NOTHING);
  const loading = useRef<Record<Side, number | null>>({ older: null, newer: null });

  // What failed for want of a connection may be tried again.
  useEffect(() => {
    if (connected) setAsked((known) => ({ older: known.older?.failed ? null : known.older, newer: known.newer?.failed ? null : known.newer }));
  }, [connected]);

  useEffect(() => {
    for (const side of SIDES) if (loading.current[side] !== edgeOf(history, side)) loading.current[side] = null;
  }, [history]);

  const load = async (side: Side) => {
    const edge = edgeOf(history, side);
    // Until the answer is on the screen it is still on its way, or the screen would ask again.
    if (edge === null || loading.current[side] === edge) return;
    loading.current[side] = edge;
    setAsked((known) => ({ ...known, [side]: { edge, failed: false } }));
    const place = placeBeyond(edge, side);
    try {
      const page = await readPage(engine, peerId, place);
      client.setQueryData<History>(keys.history(peerId), (now) => now && extendHistory(now, page, place));
    } catch {
      loading.current[side] = null;
      setAsked((known) => ({ ...known, [side]: { edge, failed: true } }));
    }
  };

  const view = (side: Side): Edge => {
    const edge = edgeOf(history, side);
    const mine = edge !== null && asked[side]?.edge === edge ? asked[side] : null;
    return { hasMore: edge !== null, isLoading: mine?.failed === false, failed: mine?.failed === true, load: () => void load(side) };
  };
  return { older: view("older"), newer: view("newer") };
}

/** A gapless part of the conversation. `start`: which part comes first; undefined while that is not known. */
export function useHistory(peerId: number, start: HistoryPlace | undefined): HistoryView {
  const client = useQueryClient();
  const engine = useEngine();
  const ready = useReady();
  const queryKey = keys.history(peerId);
  const query = useQuery({
    queryKey,
    enabled: ready && start !== undefined,
    queryFn: async ({ signal }): Promise<History> => {
      const place = client.getQueryData<History>(queryKey)?.pageParams[0] ?? start ?? null;
      return { pages: [await readPage(engine, peerId, place, signal)], pageParams: [place] };
    },
  });

  const latest = useRef(0);
  const show = useCallback(
    async (place: HistoryPlace) => {
      latest.current += 1;
      const mine = latest.current;
      const page = await readPage(engine, peerId, place).catch(() => null);
      if (!page || latest.current !== mine) return false;
      // Only now: a first reading that is given up for nothing would not begin again.
      await client.cancelQueries({ queryKey: keys.history(peerId) });
      client.setQueryData<History>(keys.history(peerId), { pages: [page], pageParams: [place] });
      return true;
    },
    [client, engine, peerId],
  );

  const { data, isPending, isSuccess, error, refetch } = query;
  const messages = useMemo(() => (data?.pages ?? []).toReversed().flatMap((page) => page.items), [data]);
  const edges = useEdges(peerId, data);
  return {
    messages,
    isPending,
    isSuccess,
    error,
    retry: () => void refetch(),
    isPresent: data !== undefined && reachesPresent(data),
    ...edges,
    show,
  };
}
