import { useTranslation } from "react-i18next";
import { Diamonds } from "@/components/ui/Logo";

export function Starting({ retrying }: { retrying: boolean }) {
  const { t } = useTranslation();
  return (
    <main className="grid h-full place-items-center">
      <div role="status" className="flex flex-col items-center gap-5 px-6 text-center">
        <Diamonds className="h-16 animate-breathe" />
        <p className={retrying ? "text-muted" : "sr-only"}>{t(retrying ? "app.retrying" : "app.loading")}</p>
      </div>
    </main>
  );
}
