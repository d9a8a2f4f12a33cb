import { CloudOff } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useConnected } from "@/realtime/provider";

const PATIENCE_MS = 5000;

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** Short interruptions are nobody's business; being offline is said at once. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  const connected = useConnected();
  const [late, setLate] = useState(false);

  useEffect(() => {
    if (connected) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [connected]);

  const text = online ? late && !connected && t("chats.connecting") : t("chats.offline");
  return (
    <div role="status">
      {text && (
        <p className="flex items-center gap-2.5 bg-amber px-4 py-2 text-sm text-on-amber">
          <CloudOff size={16} className="shrink-0" aria-hidden />
          {text}
        </p>
      )}
    </div>
  );
}
