import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { deleteMe } from "@/api/auth";
import { useAuth } from "@/api/AuthProvider";
import { toApiError } from "@/api/errors";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { PasswordField } from "@/components/ui/PasswordField";
import { explain } from "@/i18n/errors";

function DeleteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { logout } = useAuth();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password"));
    if (!password) {
      setError(t("errors.required"));
      return;
    }
    setBusy(true);
    try {
      await deleteMe(password);
    } catch (failure) {
      setError(explain(toApiError(failure), t));
      setBusy(false);
      return;
    }
    // Also clears what this browser keeps, here and in the other tabs.
    await logout().catch(() => undefined);
  };

  return (
    <Dialog title={t("settings.deleteAccountTitle")} onClose={onClose}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <p className="mt-2 mb-5 text-muted">{t("settings.deleteAccountText")}</p>
        <PasswordField label={t("auth.password")} name="password" autoComplete="current-password" error={error} />
        <div className="mt-6 flex flex-wrap justify-end gap-3">
          <Button look="quiet" onClick={onClose}>{t("app.cancel")}</Button>
          <Button look="danger" type="submit" busy={busy}>{t("settings.deleteForever")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

export function DeleteAccount() {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <div className="border-t border-line pt-6">
      <h3 className="font-medium">{t("settings.deleteAccount")}</h3>
      <p className="mt-0.5 mb-3 text-sm text-muted">{t("settings.deleteAccountHint")}</p>
      <Button look="danger-quiet" onClick={() => setAsking(true)}>{t("settings.deleteAccountStart")}</Button>
      {asking && <DeleteDialog onClose={() => setAsking(false)} />}
    </div>
  );
}
