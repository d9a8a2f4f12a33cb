import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EmptyState } from "@/components/ui/EmptyState";
import { usePageTitle } from "@/lib/title";

export default function NotFound() {
  const { t } = useTranslation();
  usePageTitle(t("app.notFoundTitle"));
  return (
    <main className="stitched grid h-full place-items-center">
      <EmptyState title={t("app.notFoundTitle")} text={t("app.notFoundText")}>
        <Link to="/chat" className="font-medium text-accent underline underline-offset-4">
          {t("app.toChats")}
        </Link>
      </EmptyState>
    </main>
  );
}
