import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Diamonds, Mark } from "@/components/ui/Logo";
import { LanguageSwitch } from "@/components/ui/LanguageSwitch";

interface AuthLayoutProps {
  title: string;
  text: string;
  children: ReactNode;
}

export function AuthLayout({ title, text, children }: AuthLayoutProps) {
  const { t } = useTranslation();
  return (
    <div className="grid min-h-full lg:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)]">
      <aside className="stitched stitched-bold sticky top-0 hidden h-dvh flex-col justify-between overflow-hidden bg-[#2b3a9f] p-12 text-white lg:flex">
        <div className="flex items-center gap-3 text-lg font-semibold">
          <Mark className="size-10 rounded-xl ring-1 ring-white/30" />
          {t("app.name")}
        </div>
        <Diamonds className="h-44 self-center [--thread:#ffffff]" />
        <div>
          <p className="max-w-md text-4xl leading-tight font-semibold text-balance">{t("app.tagline")}</p>
          <p className="mt-4 max-w-sm text-lg text-white/85">{t("app.taglineText")}</p>
        </div>
      </aside>
      <main className="flex flex-col px-5 py-6 sm:px-10">
        <div className="flex justify-end">
          <LanguageSwitch />
        </div>
        <div className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center py-8">
          <Diamonds className="mb-6 h-12 self-start lg:hidden" />
          <h1 className="text-3xl font-semibold">{title}</h1>
          <p className="mt-2 mb-8 text-muted">{text}</p>
          {children}
        </div>
      </main>
    </div>
  );
}
