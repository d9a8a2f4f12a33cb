import { ArrowLeft, LogOut } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAuth } from "@/api/AuthProvider";
import { Button } from "@/components/ui/Button";
import { LanguageSwitch } from "@/components/ui/LanguageSwitch";
import { BlockedPeople } from "@/features/people/BlockedPeople";
import { DeleteAccount } from "@/features/settings/DeleteAccount";
import { EnterKeyChoice } from "@/features/settings/EnterKeyChoice";
import { ExportData } from "@/features/settings/ExportData";
import { Notifications } from "@/features/settings/Notifications";
import { PasswordForm } from "@/features/settings/PasswordForm";
import { ProfileForm } from "@/features/settings/ProfileForm";
import { Receipts } from "@/features/settings/Receipts";
import { Section } from "@/features/settings/Section";
import { Sessions } from "@/features/settings/Sessions";
import { ThemeChoice } from "@/features/settings/ThemeChoice";
import { usePageTitle } from "@/lib/title";

function Header() {
  const { t } = useTranslation();
  const { logout } = useAuth();
  return (
    <header className="sticky top-0 z-10 -mx-4 mb-2 flex items-center gap-2 bg-paper/95 sm:gap-3 px-4 py-4 backdrop-blur-sm">
      <Link
        to="/chat"
        aria-label={t("app.toChats")}
        className="-ml-2 inline-flex size-10 items-center justify-center rounded-xl text-muted hover:bg-accent-soft hover:text-ink"
      >
        <ArrowLeft size={22} aria-hidden />
      </Link>
      <h1 className="min-w-0 flex-1 truncate text-xl font-semibold sm:text-2xl">{t("settings.title")}</h1>
      <Button look="quiet" onClick={() => void logout().catch(() => undefined)}>
        <LogOut size={18} aria-hidden />
        <span className="max-sm:sr-only">{t("auth.logout")}</span>
      </Button>
    </header>
  );
}

export default function Settings() {
  const { t } = useTranslation();
  usePageTitle(t("settings.title"));
  return (
    <main className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto max-w-2xl px-4 pb-16">
        <Header />
        <div className="space-y-4">
          <Section title={t("settings.profile")} text={t("settings.profileText")}>
            <ProfileForm />
          </Section>
          <div className="grid gap-4 sm:grid-cols-2">
            <Section title={t("settings.language")}>
              <LanguageSwitch />
            </Section>
            <Section title={t("settings.theme")}>
              <ThemeChoice />
            </Section>
          </div>
          <Section title={t("settings.messages")}>
            <div className="space-y-6">
              <EnterKeyChoice />
              <Receipts />
              <Notifications />
            </div>
          </Section>
          <Section title={t("settings.sessions")} text={t("settings.sessionsText")}>
            <Sessions />
          </Section>
          <Section title={t("settings.changePassword")}>
            <PasswordForm />
          </Section>
          <Section title={t("settings.blocked")}>
            <BlockedPeople />
          </Section>
          <Section title={t("settings.data")} text={t("settings.dataText")}>
            <div className="space-y-6">
              <ExportData />
              <DeleteAccount />
            </div>
          </Section>
        </div>
      </div>
    </main>
  );
}
