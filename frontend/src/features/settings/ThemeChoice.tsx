import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice } from "@/components/ui/Choice";
import { type Theme, changeTheme, readTheme } from "@/lib/theme";

export function ThemeChoice() {
  const { t } = useTranslation();
  const [theme, setTheme] = useState<Theme>(readTheme);
  const options = (["light", "dark", "system"] as const).map((value) => ({ value, label: t(`settings.${value}`) }));
  return (
    <Choice
      label={t("settings.theme")}
      value={theme}
      options={options}
      onChange={(value) => {
        changeTheme(value);
        setTheme(value);
      }}
    />
  );
}
