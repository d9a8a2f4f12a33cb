import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { useAuth } from "@/api/AuthProvider";
import { session } from "@/api/client";
import { toApiError } from "@/api/errors";
import { forgetEmoji } from "@/components/emoji/recent";
import { deleteDatabase } from "@/realtime/database";
import { RealtimeProvider } from "@/realtime/provider";

const MAX_RETRIES = 4;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // The journal keeps what is loaded up to date: nothing goes stale by time or by looking away.
      staleTime: Infinity,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      networkMode: "always",
      retry: (count, error) => count < MAX_RETRIES && toApiError(error).isTransient,
    },
    mutations: { networkMode: "always" },
  },
});

function useCleanSlate(): void {
  useEffect(() => {
    let lastUser: number | null = null;
    const notice = () => {
      const state = session.getState();
      if (state.phase === "signed-in") lastUser = state.userId;
      if (state.phase !== "signed-out") return;
      client.clear();
      // A session that merely ran out keeps unsent messages for the next sign-in; leaving on purpose leaves nothing.
      if (state.reason === "left" && lastUser !== null) {
        void deleteDatabase(lastUser).catch(() => undefined);
        forgetEmoji();
      }
      lastUser = null;
    };
    notice();
    return session.subscribe(notice);
  }, []);
}

export function Providers({ children }: { children: ReactNode }) {
  const { state } = useAuth();
  useCleanSlate();
  return (
    <QueryClientProvider client={client}>
      {state.phase === "signed-in" ? <RealtimeProvider userId={state.userId}>{children}</RealtimeProvider> : children}
    </QueryClientProvider>
  );
}
