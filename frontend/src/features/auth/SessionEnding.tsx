import { Hourglass, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { Button, IconButton } from "@/components/ui/Button";
import { formatDateTime } from "@/i18n/format";
import { type Lifespan, untilWarning } from "@/lib/ending";
import { onWake } from "@/lib/wake";

/** Timers cannot wait longer than some weeks, and a sleeping machine makes them late. */
const MAX_TIMER_MS = 3_600_000;

function useEndingSoon(startedAt: number, endsAt: number): boolean {
  const [soon, setSoon] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      const wait = untilWarning({ startedAt, endsAt }, Date.now());
      setSoon(wait === 0);
      if (wait > 0) timer = setTimeout(look, Math.min(wait, MAX_TIMER_MS));
    };
    look();
    const forgetWake = onWake(look);
    return () => {
      clearTimeout(timer);
      forgetWake();
    };
  }, [startedAt, endsAt]);
  return soon;
}

/** Renewing goes on by itself until the absolute end; only signing in again reaches beyond it, so say so in time. */
export function SessionEnding({ session }: { session: Lifespan & { sessionId: string } }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const soon = useEndingSoon(session.startedAt, session.endsAt);
  const [dismissed, setDismissed] = useState<string | null>(null);

  const signInAgain = () => void navigate("/login", { state: { from: pathname + search, ending: session.sessionId } });
  return (
    <div role="status">
      {soon && dismissed !== session.sessionId && (
        <div className="flex flex-wrap items-center justify-end gap-x-3 gap-y-1 border-b border-line bg-accent-soft py-1.5 pr-2 pl-4 text-sm">
          <Hourglass size={18} className="shrink-0 text-accent max-sm:hidden" aria-hidden />
          <p className="min-w-0 flex-1 basis-60">{t("auth.ending", { when: formatDateTime(new Date(session.endsAt).toISOString()) })}</p>
          <Button look="quiet" className="shrink-0" onClick={signInAgain}>{t("auth.again")}</Button>
          <IconButton label={t("app.close")} onClick={() => setDismissed(session.sessionId)}>
            <X size={18} aria-hidden />
          </IconButton>
        </div>
      )}
    </div>
  );
}
