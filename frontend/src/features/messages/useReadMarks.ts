import { useEffect, useRef, useSyncExternalStore } from "react";
import { markRead } from "@/api/chat";
import { useConnected, useEngine } from "@/realtime/provider";

const EVENTS = ["focus", "blur", "pageshow"] as const;

function subscribe(listener: () => void): () => void {
  for (const name of EVENTS) window.addEventListener(name, listener);
  document.addEventListener("visibilitychange", listener);
  return () => {
    for (const name of EVENTS) window.removeEventListener(name, listener);
    document.removeEventListener("visibilitychange", listener);
  };
}

/** Somebody is really looking: the tab is in front and has the focus. */
function useLooking(): boolean {
  return useSyncExternalStore(subscribe, () => document.visibilityState === "visible" && document.hasFocus());
}

/** Tells the peer how far I have read, once per step, and again if it could not be said. */
export function useReadMarks(peerId: number, newest: number, known: number): void {
  const { socket } = useEngine();
  const connected = useConnected();
  const looking = useLooking();
  const told = useRef(0);

  useEffect(() => {
    const message = Math.max(told.current, known);
    if (!looking || newest <= message) return;
    const before = told.current;
    told.current = newest;
    const saying = socket.isReady
      ? socket.request({ type: "read", peer_id: peerId, message_id: newest })
      : markRead(peerId, newest);
    saying.catch(() => {
      told.current = before;
    });
  }, [socket, peerId, newest, known, looking, connected]);
}
