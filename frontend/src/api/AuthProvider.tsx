import { type ReactNode, createContext, use, useMemo, useSyncExternalStore } from "react";
import { session } from "./client";
import type { SessionState } from "./session";

interface Auth {
  state: SessionState;
  login(username: string, password: string): Promise<void>;
  logout(): Promise<void>;
}

const AuthContext = createContext<Auth | null>(null);

export function AuthProvider({ children }: { children: ReactNode }) {
  const state = useSyncExternalStore(session.subscribe, session.getState);
  const auth = useMemo<Auth>(
    () => ({
      state,
      login: (username, password) => session.login(username, password),
      logout: () => session.logout(),
    }),
    [state],
  );
  return <AuthContext value={auth}>{children}</AuthContext>;
}

export function useAuth(): Auth {
  const auth = use(AuthContext);
  if (!auth) throw new Error("useAuth needs AuthProvider");
  return auth;
}
