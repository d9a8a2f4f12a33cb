import { type ReactNode, Suspense, lazy } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { useAuth } from "@/api/AuthProvider";
import NotFound from "@/pages/NotFound";
import { type From, Private } from "./Private";
import { Starting } from "./Starting";

const Login = lazy(() => import("@/pages/Login"));
const Register = lazy(() => import("@/pages/Register"));
const Chat = lazy(() => import("@/pages/Chat"));
const Settings = lazy(() => import("@/pages/Settings"));

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
