import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { getMe, renameMe } from "@/api/auth";
import { toApiError } from "@/api/errors";
import { Avatar } from "@/components/ui/Avatar";
import { Button } from "@/components/ui/Button";
import { Skeleton } from "@/components/ui/Skeleton";
import { TextField } from "@/components/ui/TextField";
import { showToast } from "@/components/ui/toasts";
import { explain } from "@/i18n/errors";
import { nameOf } from "@/i18n/names";
import { keys } from "@/realtime/cache";

export function ProfileForm() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: me } = useQuery({ queryKey: keys.me, queryFn: getMe });
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  if (!me) return <Skeleton className="h-32" />;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("display_name")).trim();
    setError(null);
    setBusy(true);
    try {
      const changed = await renameMe(name);
      client.setQueryData(keys.me, changed);
      client.setQueryData(keys.user(changed.id), changed);
      showToast("done", t("app.saved"));
    } catch (failure) {
      const refused = toApiError(failure);
      setError(refused.status === 422 ? t("errors.field_display_name") : explain(refused, t));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form noValidate onSubmit={(event) => void submit(event)}>
      <div className="mb-5 flex items-center gap-4">
        <Avatar name={nameOf(me, t)} seed={me.id} size="lg" />
        <div className="min-w-0">
          <p className="truncate text-lg font-semibold">@{me.username}</p>
          <p className="truncate text-muted">{me.email}</p>
        </div>
      </div>
      <div className="flex flex-wrap items-end gap-3">
        <TextField
          className="min-w-56 flex-1"
          label={t("auth.displayName")}
          name="display_name"
          autoComplete="nickname"
          defaultValue={me.display_name ?? ""}
          error={error}
        />
        <Button type="submit" busy={busy} className="h-12">{t("app.save")}</Button>
      </div>
    </form>
  );
}
