import { useQuery } from "@tanstack/react-query";
import { listBlocked } from "@/api/chat";
import type { User } from "@/api/types";
import { keys } from "@/realtime/cache";
import { useReady } from "@/realtime/provider";

/** Whom I blocked; also people without a conversation, who are in no list. */
export function useBlocked(): User[] {
  const ready = useReady();
  return useQuery({ queryKey: keys.blocks, queryFn: listBlocked, enabled: ready }).data ?? [];
}
