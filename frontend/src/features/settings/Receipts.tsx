import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Preferences, changePreferences, readPreferences } from "@/api/preferences";
import { toApiError } from "@/api/errors";
import { Skeleton } from "@/components/ui/Skeleton";
import { Switch } from "@/components/ui/Switch";
import { showToast } from "@/components/ui/toasts";
import { explain } from "@/i18n/errors";
import { keys } from "@/realtime/cache";

const PREFERENCES = ["preferences"];

/** Kept by the server, for all of one's devices; another device may have changed it, so it is read each time. */
export function Receipts() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data, isError, refetch } = useQuery({ queryKey: PREFERENCES, queryFn: readPreferences, staleTime: 0 });
  const change = useMutation({
    mutationFn: (receipts: boolean) => changePreferences({ receipts }),
    onSuccess: (preferences) => {
      client.setQueryData<Preferences>(PREFERENCES, preferences);
      // Others' marks appear or vanish with it.
      void client.invalidateQueries({ queryKey: keys.conversations });
    },
    onError: (error) => showToast("failed", explain(toApiError(error), t)),
  });
  if (isError) {
    return (
      <p role="alert" className="text-muted">
        {t("errors.network")}{" "}
        <button type="button" className="font-medium text-accent underline underline-offset-4" onClick={() => void refetch()}>{t("app.retry")}</button>
      </p>
    );
  }
  if (!data) return <Skeleton className="h-12" />;
  return (
    <Switch
      label={t("settings.receipts")}
      hint={t("settings.receiptsHint")}
      checked={change.isPending ? change.variables : data.receipts}
      onChange={(receipts) => change.mutate(receipts)}
    />
  );
}
