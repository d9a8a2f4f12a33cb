import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Registration, register } from "@/api/auth";
import { useAuth } from "@/api/AuthProvider";
import { type ApiError, toApiError } from "@/api/errors";
import { Alert } from "@/components/ui/Alert";
import { Button } from "@/components/ui/Button";
import { PasswordField } from "@/components/ui/PasswordField";
import { TextField } from "@/components/ui/TextField";
import { explain } from "@/i18n/errors";
import { type FieldMessages, checkRegistration, fieldMessages } from "./validation";

function read(form: HTMLFormElement): Registration {
  const data = new FormData(form);
  const displayName = String(data.get("display_name")).trim();
  return {
    username: String(data.get("username")).trim(),
    email: String(data.get("email")).trim(),
    password: String(data.get("password")),
    ...(displayName ? { display_name: displayName } : {}),
  };
}

export function RegisterForm() {
  const { t } = useTranslation();
  const { login } = useAuth();
  const [messages, setMessages] = useState<FieldMessages>({});
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const values = read(form);
    const problems = checkRegistration(values, t);
    setMessages(problems);
    setFailure(null);
    const first = Object.keys(problems)[0];
    if (first) {
      form.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
      return;
    }
    setBusy(true);
    try {
      await register(values);
      await login(values.username, values.password);
    } catch (error) {
      const refused = toApiError(error);
      const found = fieldMessages(refused, t);
      setMessages(found);
      setFailure(Object.keys(found).length === 0 ? refused : null);
      setBusy(false);
    }
  };

  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="space-y-5">
      {failure && <Alert>{explain(failure, t)}</Alert>}
      <TextField
        label={t("auth.username")}
        hint={t("auth.usernameHint")}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        error={messages.username}
      />
      <TextField
        label={t("auth.email")}
        hint={t("auth.emailHint")}
        name="email"
        type="email"
        autoComplete="email"
        required
        error={messages.email}
      />
      <TextField
        label={t("auth.displayName")}
        hint={t("auth.displayNameHint")}
        name="display_name"
        autoComplete="nickname"
        error={messages.display_name}
      />
      <PasswordField
        label={t("auth.password")}
        hint={t("auth.passwordHint")}
        name="password"
        autoComplete="new-password"
        required
        error={messages.password}
      />
      <Button type="submit" busy={busy} className="h-12 w-full">
        {t(busy ? "auth.registering" : "auth.register")}
      </Button>
    </form>
  );
}
