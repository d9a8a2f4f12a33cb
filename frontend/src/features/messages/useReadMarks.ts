import { useEffect, useRef, useSyncExternalStore } from "react";
import { markRead } from "@/api/chat";
import { useConnected, useEngine } from "@/realtime/provider";

const EVENTS = ["focus", "blur", "pageshow"] as const;
/** Scrolling through many unread messages is told in steps. */
const STEP_MS = 300;

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

/** Tells the peer how far I have read (`seen`: the newest of their messages that was in sight), and again if it could not be said. */
export function useReadMarks(peerId: number, seen: number, known: number): void {
  const { socket } = useEngine();
  const connected = useConnected();
  const looking = useLooking();
  const told = useRef({ message: 0, at: 0 });

  useEffect(() => {
    const say = () => {
      const before = told.current.message;
      told.current = { message: seen, at: Date.now() };
      const saying = socket.isReady ? socket.request({ type: "read", peer_id: peerId, message_id: seen }) : markRead(peerId, seen);
      saying.catch(() => {
        told.current.message = before;
      });
    };
    if (!looking || seen <= Math.max(told.current.message, known)) return;
    const timer = setTimeout(say, Math.max(0, told.current.at + STEP_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [socket, peerId, seen, known, looking, connected]);
}
