import { useCallback, useState } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { useAuth } from "@/api/AuthProvider";
import { SessionEnding } from "@/features/auth/SessionEnding";
import { Attention } from "@/features/conversations/Attention";
import { ConnectionBanner } from "@/features/conversations/ConnectionBanner";
import { ShortcutsDialog } from "@/features/settings/ShortcutsDialog";
import { Starting } from "./Starting";
import { useShortcuts } from "./useShortcuts";

export interface From {
  from?: string;
  /** The session that is about to end, to be followed by a new one before it does. */
  ending?: string;
}

function Keys() {
  const [helping, setHelping] = useState(false);
  useShortcuts(useCallback(() => setHelping(true), []));
  return helping && <ShortcutsDialog onClose={() => setHelping(false)} />;
}

/** Only for people who are signed in; remembers where they wanted to go. */
export function Private() {
  const { state } = useAuth();
  const { pathname, search } = useLocation();
  if (state.phase === "signed-in") {
    return (
      <div className="flex h-dvh flex-col">
        <ConnectionBanner />
        <SessionEnding session={state} />
        <Attention />
        <Keys />
        <Outlet />
      </div>
    );
  }
  if (state.phase !== "signed-out") return <Starting retrying={state.phase === "retrying"} />;
  // Whoever left on purpose starts afresh, also when the next one to sign in here is somebody else.
  const from = state.reason === "left" ? undefined : pathname + search;
  return <Navigate to="/login" replace state={{ from } satisfies From} />;
}
