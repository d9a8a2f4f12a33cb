import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, createContext, use, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { OutboxItem } from "./database";
import { Engine } from "./engine";
import type { Presence } from "./live";

const EngineContext = createContext<Engine | null>(null);

export function RealtimeProvider({ userId, children }: { userId: number; children: ReactNode }) {
  const client = useQueryClient();
  const [engine, setEngine] = useState<Engine | null>(null);

  useEffect(() => {
    const created = new Engine(userId, client);
    setEngine(created);
    void created.start();
    return () => created.stop();
  }, [userId, client]);

  return engine && <EngineContext value={engine}>{children}</EngineContext>;
}

export function useEngine(): Engine {
  const engine = use(EngineContext);
  if (!engine) throw new Error("useEngine needs RealtimeProvider");
  return engine;
}

export function useReady(): boolean {
  return useStore(useEngine().live, (state) => state.ready);
}

export function useConnected(): boolean {
  return useStore(useEngine().live, (state) => state.connected);
}

export function usePresence(userId: number): Presence | undefined {
  return useStore(useEngine().live, (state) => state.presence[userId]);
}

export function useTypingUntil(userId: number): number {
  return useStore(useEngine().live, (state) => state.typing[userId] ?? 0);
}

/** 0…1 while the file with this key is being uploaded by this tab. */
export function useUploadProgress(key: string): number | undefined {
  return useStore(useEngine().uploads.progress, (progress) => progress[key]);
}

export function useOutboxItems(): OutboxItem[] {
  return useStore(useEngine().outbox.items, (state) => state.items);
}
