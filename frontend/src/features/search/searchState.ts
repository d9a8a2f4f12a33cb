import { useStore } from "zustand";
import { type StoreApi, createStore } from "zustand/vanilla";
import { useEngine } from "@/realtime/provider";
import type { Engine } from "@/realtime/engine";

export type Scope = "here" | "everywhere";

interface SearchState {
  /** The conversation in which the panel was opened; null while it is closed. */
  openIn: number | null;
  scope: Scope;
  words: string;
}

const CLOSED: SearchState = { openIn: null, scope: "here", words: "" };

/** What is searched for outlives going to a result in another conversation, but not signing out. */
const stores = new WeakMap<Engine, StoreApi<SearchState>>();

function storeOf(engine: Engine): StoreApi<SearchState> {
  const known = stores.get(engine);
  if (known) return known;
  const made = createStore<SearchState>(() => CLOSED);
  stores.set(engine, made);
  return made;
}

export function useSearchPanel(peerId: number) {
  const store = storeOf(useEngine());
  const { openIn, scope, words } = useStore(store);
  return {
    isOpen: openIn !== null && (openIn === peerId || scope === "everywhere"),
    scope,
    words,
    open: () => store.setState(openIn === peerId ? {} : { ...CLOSED, openIn: peerId }),
    close: () => store.setState(CLOSED),
    search: (change: Partial<Pick<SearchState, "scope" | "words">>) => store.setState(change),
  };
}
