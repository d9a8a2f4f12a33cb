import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { Monitor, Smartphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { endOtherSessions, endSession, listSessions } from "@/api/auth";
import { toApiError } from "@/api/errors";
import type { SessionInfo } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Skeleton } from "@/components/ui/Skeleton";
import { showToast } from "@/components/ui/toasts";
import { explain } from "@/i18n/errors";
import { formatAgo, formatDateTime } from "@/i18n/format";
import { describeDevice } from "@/lib/device";
import { keys } from "@/realtime/cache";

function deviceName(session: SessionInfo, t: TFunction): string {
  const { browser, system } = describeDevice(session.user_agent ?? "");
  if (browser && system) return t("settings.deviceOn", { browser, system });
  return browser ?? system ?? t("settings.unknownDevice");
}

function SessionRow({ session, onEnd }: { session: SessionInfo; onEnd: () => void }) {
  const { t } = useTranslation();
  const device = deviceName(session, t);
  const Icon = /Android|iPhone|Mobile/.test(session.user_agent ?? "") ? Smartphone : Monitor;
  return (
    <li className="flex items-center gap-3 py-3">
      <Icon size={22} aria-hidden className="shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium" title={session.user_agent ?? undefined}>{device}</p>
        <p className="truncate text-sm text-muted" title={formatDateTime(session.last_used_at)}>
          {session.ip && `${session.ip} · `}
          {t("settings.lastUsed", { when: formatAgo(session.last_used_at) })}
        </p>
      </div>
      {session.current ? (
        <span className="rounded-full bg-accent-soft px-3 py-1 text-sm font-medium text-accent">{t("settings.current")}</span>
      ) : (
        <Button look="quiet" aria-label={t("settings.endSessionOf", { device })} onClick={onEnd}>{t("settings.endSession")}</Button>
      )}
    </li>
  );
}

export function Sessions() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: sessions } = useQuery({ queryKey: keys.sessions, queryFn: listSessions, staleTime: 0 });

  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      showToast("failed", explain(toApiError(error), t));
    }
    await client.invalidateQueries({ queryKey: keys.sessions });
  };
  const endOthers = async () => {
    await endOtherSessions();
    showToast("done", t("settings.othersEnded"));
  };

  if (!sessions) return <Skeleton className="h-16" />;
  const sorted = sessions.toSorted((a, b) => Number(b.current) - Number(a.current) || b.last_used_at.localeCompare(a.last_used_at));
  return (
    <>
      <ul className="divide-y divide-line">
        {sorted.map((session) => (
          <SessionRow key={session.id} session={session} onEnd={() => void attempt(() => endSession(session.id))} />
        ))}
      </ul>
      {sessions.length > 1 && (
        <Button look="danger-quiet" className="mt-4" onClick={() => void attempt(endOthers)}>{t("settings.endOthers")}</Button>
      )}
    </>
  );
}
