import { useCallback, useEffect, useRef } from "react";
import { useEngine } from "@/realtime/provider";

const EVERY_MS = 3000;

/** Tells the peer that I am typing, at most every three seconds, and when I stopped. */
export function useTypingNotice(peerId: number) {
  const { socket, me } = useEngine();
  const toldAt = useRef(0);

  const stop = useCallback(() => {
    if (toldAt.current === 0) return;
    toldAt.current = 0;
    socket.notify({ type: "typing", peer_id: peerId, on: false });
  }, [socket, peerId]);

  const typing = useCallback(() => {
    const now = Date.now();
    if (peerId === me || now - toldAt.current < EVERY_MS) return;
    toldAt.current = now;
    socket.notify({ type: "typing", peer_id: peerId, on: true });
  }, [socket, me, peerId]);

  useEffect(() => stop, [stop]);
  return { typing, stop };
}
