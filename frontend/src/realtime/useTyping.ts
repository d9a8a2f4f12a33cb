import { useEffect, useState } from "react";
import { useTypingUntil } from "./provider";

/** Whether the peer is typing to me now; runs out by itself when the news of stopping got lost. */
export function useTyping(peerId: number): boolean {
  const until = useTypingUntil(peerId);
  const [expired, setExpired] = useState(0);

  useEffect(() => {
    const left = until - Date.now();
    if (left <= 0) return;
    const timer = setTimeout(() => setExpired(until), left);
    return () => clearTimeout(timer);
  }, [until]);

  return until > 0 && until !== expired;
}
