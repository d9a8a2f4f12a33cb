import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { Choice } from "@/components/ui/Choice";
import { chooseEnterKey, choices } from "@/lib/choices";

export function EnterKeyChoice() {
  const { t } = useTranslation();
  const enterKey = useStore(choices, (state) => state.enterKey);
  return (
    <div>
      <p className="mb-2 font-medium">{t("settings.enterKey")}</p>
      <Choice
        label={t("settings.enterKey")}
        value={enterKey}
        options={[
          { value: "sends", label: t("settings.enterSends") },
          { value: "breaks", label: t("settings.enterBreaks") },
        ]}
        onChange={chooseEnterKey}
      />
      <p className="mt-2 text-sm text-muted">{t(enterKey === "sends" ? "settings.enterSendsHint" : "settings.enterBreaksHint")}</p>
    </div>
  );
}
