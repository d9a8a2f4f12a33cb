import { useTranslation } from "react-i18next";
import { LANGUAGES, changeLanguage, currentLanguage } from "@/i18n/index";
import { Choice } from "./Choice";

export function LanguageSwitch() {
  const { t } = useTranslation();
  return (
    <Choice
      label={t("settings.language")}
      value={currentLanguage()}
      options={LANGUAGES.map(({ code, name }) => ({ value: code, label: name, lang: code }))}
      onChange={changeLanguage}
    />
  );
}
