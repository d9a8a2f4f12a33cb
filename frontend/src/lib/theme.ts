import { onPreferenceChange, readPreference, writePreference } from "./preferences";

export type Theme = "light" | "dark" | "system";

/** What the browser paints around the page; the same as the surfaces in the style sheet. */
const AROUND = { light: "#fbf9f5", dark: "#171a25" };

export function readTheme(): Theme {
  const stored = readPreference("theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** Without the attribute the style sheet follows the system by itself. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
    const own = meta.media.includes("dark") ? "dark" : "light";
    meta.content = AROUND[theme === "system" ? own : theme];
  }
}

export function changeTheme(theme: Theme): void {
  writePreference("theme", theme === "system" ? null : theme);
  applyTheme(theme);
}

/** Applies what was chosen, now and whenever another tab chooses. */
export function startTheme(): void {
  applyTheme(readTheme());
  onPreferenceChange(() => applyTheme(readTheme()));
}
