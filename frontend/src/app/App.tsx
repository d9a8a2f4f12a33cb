import { BrowserRouter } from "react-router";
import { Toaster } from "@/components/ui/toasts";
import { AuthProvider } from "@/api/AuthProvider";
import { ErrorBoundary } from "./ErrorBoundary";
import { Providers } from "./providers";
import { AppRoutes } from "./router";

export function App() {
  return (
    <ErrorBoundary>
      <AuthProvider>
        <BrowserRouter>
          <Providers>
            <AppRoutes />
          </Providers>
        </BrowserRouter>
        <Toaster />
      </AuthProvider>
    </ErrorBoundary>
  );
}
