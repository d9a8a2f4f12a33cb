import { currentLanguage } from "./index";

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${currentLanguage()}${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(currentLanguage() === "uk" ? "uk-UA" : "en-GB", options);
  formatters.set(key, made);
  return made;
}

export const DAY_MS = 86_400_000;

export function startOfDay(time: Date): number {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
}

/** Whole calendar days between then and now, in the reader's time zone. */
export function daysAgo(iso: string, now: Date = new Date()): number {
  return Math.round((startOfDay(now) - startOfDay(new Date(iso))) / DAY_MS);
}

export function formatTime(iso: string): string {
  return formatter({ hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
}

export function formatDateTime(iso: string): string {
  return formatter({ dateStyle: "long", timeStyle: "short" }).format(new Date(iso));
}

export function formatDay(iso: string, now: Date = new Date()): string {
  const sameYear = new Date(iso).getFullYear() === now.getFullYear();
  return formatter({ day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) }).format(new Date(iso));
}

/** For lists: a time today, a weekday this week, a date before that. */
export function formatShort(iso: string, now: Date = new Date()): string {
  const days = daysAgo(iso, now);
  if (days <= 0) return formatTime(iso);
  if (days < 7) return formatter({ weekday: "short" }).format(new Date(iso));
  return formatter({ day: "2-digit", month: "2-digit", year: "2-digit" }).format(new Date(iso));
}

export function formatAgo(iso: string, now: Date = new Date()): string {
  const relative = new Intl.RelativeTimeFormat(currentLanguage(), { numeric: "auto" });
  const minutes = Math.round((now.getTime() - new Date(iso).getTime()) / 60_000);
  if (minutes < 60) return relative.format(-Math.max(minutes, 0), "minute");
  if (daysAgo(iso, now) === 0) return relative.format(-Math.round(minutes / 60), "hour");
  if (daysAgo(iso, now) < 7) return relative.format(-daysAgo(iso, now), "day");
  return formatDay(iso, now);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function formatSize(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return new Intl.NumberFormat(currentLanguage(), {
    style: "unit",
    unit: UNITS[step],
    unitDisplay: step === 0 ? "long" : "short", // the short one of bytes is "9 byte" in English
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
}
