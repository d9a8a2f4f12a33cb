import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { readPreference, writePreference } from "@/lib/preferences";
import { en } from "./en";
import { uk } from "./uk";

export type Language = "uk" | "en";

export const LANGUAGES: readonly { code: Language; name: string }[] = [
  { code: "uk", name: "Українська" },
  { code: "en", name: "English" },
];

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof uk };
  }
}

/** The first language of the browser that we speak; English for the rest of the world. */
export function pickLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (stored === "uk" || stored === "en") return stored;
  const match = wanted.map((tag) => tag.toLowerCase().split("-")[0]).find((code) => code === "uk" || code === "en");
  return match === "uk" ? "uk" : "en";
}

export function currentLanguage(): Language {
  return i18next.language === "uk" ? "uk" : "en";
}

export function changeLanguage(language: Language): void {
  writePreference("language", language);
  void i18next.changeLanguage(language);
}

export function startI18n(): void {
  i18next.on("languageChanged", (language) => {
    document.documentElement.lang = language;
  });
  void i18next.use(initReactI18next).init({
    resources: { uk: { translation: uk }, en: { translation: en } },
    lng: pickLanguage(readPreference("language"), navigator.languages),
    fallbackLng: "en",
    // React escapes by itself.
    interpolation: { escapeValue: false },
    initAsync: false,
  });
}
