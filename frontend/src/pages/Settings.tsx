import { ArrowLeft, LogOut } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAuth } from "@/api/AuthProvider";
import { Button } from "@/components/ui/Button";
import { LanguageSwitch } from "@/components/ui/LanguageSwitch";
import { BlockedPeople } from "@/features/people/BlockedPeople";
import { DeleteAccount } from "@/features/settings/DeleteAccount";
import { PasswordForm } from "@/features/settings/PasswordForm";
import { ProfileForm } from "@/features/settings/ProfileForm";
import { Section } from "@/features/settings/Section";
import { Sessions } from "@/features/settings/Sessions";
import { ThemeChoice } from "@/features/settings/ThemeChoice";

export default function Settings() {
  const { t } = useTranslation();
  const { logout } = useAuth();
  return (
    <main className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto max-w-2xl px-4 pt-4 pb-16">
        <header className="flex items-center gap-3 py-3">
          <Link
            to="/chat"
            aria-label={t("app.toChats")}
            className="-ml-2 inline-flex size-10 items-center justify-center rounded-xl text-muted hover:bg-accent-soft hover:text-ink"
          >
            <ArrowLeft size={22} aria-hidden />
          </Link>
          <h1 className="flex-1 text-2xl font-semibold">{t("settings.title")}</h1>
          <Button look="quiet" onClick={() => void logout().catch(() => undefined)}>
            <LogOut size={18} aria-hidden />
            <span className="max-sm:sr-only">{t("auth.logout")}</span>
          </Button>
        </header>
        <div className="mt-2 space-y-4">
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
          <Section title={t("settings.sessions")} text={t("settings.sessionsText")}>
            <Sessions />
          </Section>
          <Section title={t("settings.blocked")}>
            <BlockedPeople />
          </Section>
          <Section title={t("settings.data")} text={t("settings.dataText")}>
            <PasswordForm />
            <div className="mt-6 border-t border-line pt-6">
              <DeleteAccount />
            </div>
          </Section>
        </div>
      </div>
    </main>
  );
}
