import { readPreference, writePreference } from "./preferences";

export type Theme = "light" | "dark" | "system";

export function readTheme(): Theme {
  const stored = readPreference("theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** Without the attribute the style sheet follows the system by itself. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function changeTheme(theme: Theme): void {
  writePreference("theme", theme === "system" ? null : theme);
  applyTheme(theme);
}
