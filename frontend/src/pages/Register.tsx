import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { AuthLayout } from "@/features/auth/AuthLayout";
import { RegisterForm } from "@/features/auth/RegisterForm";
import { usePageTitle } from "@/lib/title";

export default function Register() {
  const { t } = useTranslation();
  usePageTitle(t("auth.register"));
  const { state } = useLocation();
  return (
    <AuthLayout title={t("auth.registerTitle")} text={t("auth.registerText")}>
      <RegisterForm />
      <p className="mt-8 flex flex-wrap justify-center gap-x-2 text-muted">
        {t("auth.haveAccount")}
        <Link to="/login" state={state} className="font-medium text-accent underline underline-offset-4">
          {t("auth.login")}
        </Link>
      </p>
    </AuthLayout>
  );
}
