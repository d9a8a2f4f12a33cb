import { useTranslation } from "react-i18next";
import { daysAgo, formatDay } from "@/i18n/format";

function useDayName(time: string): string {
  const { t } = useTranslation();
  const days = daysAgo(time);
  return days === 0 ? t("messages.today") : days === 1 ? t("messages.yesterday") : formatDay(time);
}

const PILL = "rounded-full border border-line bg-surface px-3 py-0.5 text-xs font-medium text-muted";

export function DayLine({ time }: { time: string }) {
  const name = useDayName(time);
  return (
    <p data-day-line="" className="my-4 flex justify-center">
      <time dateTime={time.slice(0, 10)} className={PILL}>{name}</time>
    </p>
  );
}

/** The day of what is being read, while its own line is above. */
export function StickyDay({ time }: { time: string }) {
  const name = useDayName(time);
  return (
    <p aria-hidden data-sticky-day="" className="pointer-events-none absolute inset-x-0 top-2 z-10 flex justify-center">
      <span className={`${PILL} shadow-sm`}>{name}</span>
    </p>
  );
}

export function NewLine() {
  const { t } = useTranslation();
  return (
    <p data-new-line="" className="my-4 flex items-center gap-3 text-xs font-bold text-ink before:h-0.5 before:flex-1 before:bg-amber after:h-0.5 after:flex-1 after:bg-amber">
      {t("messages.newLine")}
    </p>
  );
}
