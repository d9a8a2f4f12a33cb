import { type ReactNode, Suspense, lazy } from "react";
import { Navigate, Outlet, Route, Routes, useLocation } from "react-router";
import { useAuth } from "@/api/AuthProvider";
import { SessionEnding } from "@/features/auth/SessionEnding";
import NotFound from "@/pages/NotFound";
import { Starting } from "./Starting";

const Login = lazy(() => import("@/pages/Login"));
const Register = lazy(() => import("@/pages/Register"));
const Chat = lazy(() => import("@/pages/Chat"));
const Settings = lazy(() => import("@/pages/Settings"));

interface From {
  from?: string;
  /** The session that is about to end, to be followed by a new one before it does. */
  ending?: string;
}

/** Only for people who are signed in; remembers where they wanted to go. */
function Private() {
  const { state } = useAuth();
  const { pathname, search } = useLocation();
  if (state.phase === "signed-in") {
    return (
      <div className="flex h-dvh flex-col">
        <SessionEnding session={state} />
        <Outlet />
      </div>
    );
  }
  if (state.phase !== "signed-out") return <Starting retrying={state.phase === "retrying"} />;
  // Whoever left on purpose starts afresh, also when the next one to sign in here is somebody else.
  const from = state.reason === "left" ? undefined : pathname + search;
  return <Navigate to="/login" replace state={{ from } satisfies From} />;
}

function Guest({ children }: { children: ReactNode }) {
  const { state } = useAuth();
  const { from, ending } = (useLocation().state as From | null) ?? {};
  if (state.phase === "signed-in" && state.sessionId !== ending) return <Navigate to={from ?? "/chat"} replace />;
  if (state.phase === "starting") return <Starting retrying={false} />;
  return children;
}

export function AppRoutes() {
  return (
    <Suspense fallback={<Starting retrying={false} />}>
      <Routes>
        <Route path="/login" element={<Guest><Login /></Guest>} />
        <Route path="/register" element={<Guest><Register /></Guest>} />
        <Route element={<Private />}>
          <Route path="/" element={<Navigate to="/chat" replace />} />
          <Route path="/chat/:userId?" element={<Chat />} />
          <Route path="/settings" element={<Settings />} />
        </Route>
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Suspense>
  );
}
