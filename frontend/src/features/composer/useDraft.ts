import { useCallback, useEffect } from "react";
import { useStore } from "zustand";
import { useEngine } from "@/realtime/provider";

/** The unsent text of one conversation, and how to change it. */
export function useDraft(peerId: number) {
  const { drafts } = useEngine();
  const text = useStore(drafts.texts, (texts) => texts[peerId] ?? "");
  useEffect(() => void drafts.open(peerId), [drafts, peerId]);
  const change = useCallback((value: string) => drafts.write(peerId, value), [drafts, peerId]);
  return [text, change] as const;
}
