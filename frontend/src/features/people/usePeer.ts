import { useQuery } from "@tanstack/react-query";
import { getMe, getUser } from "@/api/auth";
import type { User } from "@/api/types";
import { keys } from "@/realtime/cache";
import { useEngine } from "@/realtime/provider";

/** Somebody who is not in the list of conversations (yet). */
export function useUser(userId: number, enabled: boolean) {
  const { me } = useEngine();
  return useQuery<User>({
    queryKey: keys.user(userId),
    queryFn: () => (userId === me ? getMe() : getUser(userId)),
    enabled,
  });
}
