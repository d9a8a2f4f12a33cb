import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { changePassword } from "@/api/auth";
import { toApiError } from "@/api/errors";
import { Button } from "@/components/ui/Button";
import { PasswordField } from "@/components/ui/PasswordField";
import { showToast } from "@/components/ui/toasts";
import { explain } from "@/i18n/errors";

interface Problems {
  current?: string;
  next?: string;
}

export function PasswordForm() {
  const { t } = useTranslation();
  const [problems, setProblems] = useState<Problems>({});
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const current = String(data.get("current"));
    const next = String(data.get("next"));
    const missing: Problems = {
      ...(current ? {} : { current: t("errors.required") }),
      ...([...next].length >= 8 ? {} : { next: t("errors.field_password") }),
    };
    setProblems(missing);
    if (Object.keys(missing).length > 0) return;
    setBusy(true);
    try {
      await changePassword(current, next);
      form.reset();
      showToast("done", t("settings.passwordChanged"));
    } catch (error) {
      const failure = toApiError(error);
      if (failure.code === "wrong_password") setProblems({ current: t("errors.wrong_password") });
      else setProblems({ next: failure.code === "weak_password" ? t("errors.weak_password") : explain(failure, t) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="max-w-sm space-y-4">
      <PasswordField label={t("settings.currentPassword")} name="current" autoComplete="current-password" error={problems.current} />
      <PasswordField label={t("settings.newPassword")} hint={t("auth.passwordHint")} name="next" autoComplete="new-password" error={problems.next} />
      <Button type="submit" busy={busy}>{t("settings.changePassword")}</Button>
    </form>
  );
}
