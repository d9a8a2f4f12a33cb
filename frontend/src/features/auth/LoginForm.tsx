import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAuth } from "@/api/AuthProvider";
import { type ApiError, toApiError } from "@/api/errors";
import { Alert } from "@/components/ui/Alert";
import { Button } from "@/components/ui/Button";
import { PasswordField } from "@/components/ui/PasswordField";
import { TextField } from "@/components/ui/TextField";
import { explain } from "@/i18n/errors";

export function LoginForm() {
  const { t } = useTranslation();
  const { state, login } = useAuth();
  const [missing, setMissing] = useState<{ username: boolean; password: boolean }>({ username: false, password: false });
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const username = String(form.get("username"));
    const password = String(form.get("password"));
    setMissing({ username: !username, password: !password });
    setFailure(null);
    if (!username || !password) return;
    setBusy(true);
    try {
      await login(username, password);
    } catch (error) {
      setFailure(toApiError(error));
      setBusy(false);
    }
  };

  const refused = failure?.status === 400;
  const passwordError = missing.password ? t("errors.required") : refused ? t("errors.invalid_grant") : null;
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="space-y-5">
      {state.phase === "signed-out" && state.reason === "ended" && !failure && <Alert>{t("auth.ended")}</Alert>}
      {failure && !refused && <Alert>{explain(failure, t)}</Alert>}
      <TextField
        label={t("auth.usernameOrEmail")}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        error={missing.username ? t("errors.required") : null}
      />
      <PasswordField label={t("auth.password")} name="password" autoComplete="current-password" required error={passwordError} />
      <Button type="submit" busy={busy} className="h-12 w-full">
        {t(busy ? "auth.loggingIn" : "auth.login")}
      </Button>
    </form>
  );
}
