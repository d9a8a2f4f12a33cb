import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { Switch } from "@/components/ui/Switch";
import { chooseNotifications, choices } from "@/lib/choices";
import { type Permission, askPermission, readPermission } from "@/lib/notifications";

const HINTS = {
  unsupported: "settings.notifiesUnsupported",
  denied: "settings.notifiesDenied",
  default: "settings.notifiesHint",
  granted: "settings.notifiesHint",
} as const;

/** The browser is asked only when somebody turns them on here, and on each device anew. */
export function Notifications() {
  const { t } = useTranslation();
  const wanted = useStore(choices, (state) => state.notifies);
  const [permission, setPermission] = useState<Permission>(readPermission);

  const change = async (on: boolean) => {
    const answer = on ? await askPermission() : permission;
    setPermission(answer);
    chooseNotifications(on && answer === "granted");
  };
  return (
    <Switch
      label={t("settings.notifies")}
      hint={t(HINTS[permission])}
      checked={wanted && permission === "granted"}
      disabled={permission === "unsupported" || permission === "denied"}
      onChange={(on) => void change(on)}
    />
  );
}
