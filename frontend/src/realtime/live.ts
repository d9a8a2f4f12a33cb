import { createStore } from "zustand/vanilla";

export interface Presence {
  online: boolean;
  last_seen_at: string | null;
}

export interface LiveState {
  /** The journal position is known: pages may be loaded now without missing anything. */
  ready: boolean;
  connected: boolean;
  presence: Record<number, Presence>;
  /** Who is typing to me, until when (ms). */
  typing: Record<number, number>;
}

/** A lost "stopped typing" must not leave somebody typing for ever. */
export const TYPING_MS = 6000;

export const createLiveStore = () =>
  createStore<LiveState>(() => ({ ready: false, connected: false, presence: {}, typing: {} }));
