import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import type { Jump } from "@/features/messages/useReading";

const PARAMETER = "message";

function read(params: URLSearchParams): Jump | null {
  const id = Number(params.get(PARAMETER));
  return Number.isSafeInteger(id) && id > 0 ? { messageId: id } : null;
}

/** The message to show: from the address, which forgets it at once (a reload is no jump), or from a click. */
export function useWantedMessage() {
  const [params, setParams] = useSearchParams();
  const [jump, setJump] = useState(() => read(params));

  useEffect(() => {
    const wanted = read(params);
    if (!wanted) return;
    setJump(wanted);
    setParams({}, { replace: true });
  }, [params, setParams]);
  const jumpTo = useCallback((messageId: number) => setJump({ messageId }), []);
  return { jump, jumpTo };
}
