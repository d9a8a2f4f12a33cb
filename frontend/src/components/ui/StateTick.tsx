import { Check, CheckCheck, CircleAlert, Clock3 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { DeliveryState } from "@/lib/delivery";

const ICONS = { sending: Clock3, sent: Check, delivered: CheckCheck, read: CheckCheck, failed: CircleAlert };
const COLOURS = { sending: "", sent: "", delivered: "", read: "text-accent", failed: "text-danger" };

export function StateTick({ state }: { state: DeliveryState }) {
  const { t } = useTranslation();
  const Icon = ICONS[state];
  const label = t(`messages.state.${state}`);
  return (
    <span role="img" aria-label={label} title={label} className={`inline-flex shrink-0 ${COLOURS[state]}`}>
      <Icon size={16} strokeWidth={state === "read" ? 2.6 : 2} aria-hidden />
    </span>
  );
}
