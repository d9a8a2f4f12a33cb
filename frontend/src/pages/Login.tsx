import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { AuthLayout } from "@/features/auth/AuthLayout";
import { LoginForm } from "@/features/auth/LoginForm";
import { usePageTitle } from "@/lib/title";

export default function Login() {
  const { t } = useTranslation();
  usePageTitle(t("auth.login"));
  const { state } = useLocation();
  return (
    <AuthLayout title={t("auth.loginTitle")} text={t("auth.loginText")}>
      <LoginForm />
      <p className="mt-8 flex flex-wrap justify-center gap-x-2 text-muted">
        {t("auth.noAccount")}
        <Link to="/register" state={state} className="font-medium text-accent underline underline-offset-4">
          {t("auth.register")}
        </Link>
      </p>
    </AuthLayout>
  );
}
