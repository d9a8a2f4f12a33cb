import { ArrowDown } from "lucide-react";
import { useTranslation } from "react-i18next";

export function ToBottom({ unread, onClick }: { unread: number; onClick: () => void }) {
  const { t } = useTranslation();
  const label = unread > 0 ? t("messages.newCount", { count: unread }) : t("messages.toBottom");
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="absolute right-4 bottom-8 z-10 inline-flex h-11 min-w-11 animate-appear items-center justify-center gap-2 rounded-full border border-line bg-raised px-3 text-sm font-medium shadow-lg hover:bg-accent-soft md:right-8"
    >
      {unread > 0 && <span className="rounded-full bg-amber px-2 text-xs leading-6 font-bold text-on-amber">{unread}</span>}
      <ArrowDown size={18} aria-hidden />
    </button>
  );
}
