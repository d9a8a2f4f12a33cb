import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { choices } from "@/lib/choices";

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const COMMAND = isMac ? "⌘" : "Ctrl";
const OPTION = isMac ? "⌥" : "Alt";

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const enterSends = useStore(choices, ({ enterKey }) => enterKey === "sends");
  const rows: [string, string[][]][] = [
    [t("keys.find"), [[COMMAND, "K"]]],
    [t("keys.neighbour"), [[OPTION, "↑"], [OPTION, "↓"]]],
    [t("keys.send"), [enterSends ? ["Enter"] : [COMMAND, "Enter"]]],
    [t("keys.line"), [enterSends ? ["Shift", "Enter"] : ["Enter"]]],
    [t("keys.edit"), [["↑"]]],
    [t("keys.leave"), [["Esc"]]],
    [t("keys.help"), [[COMMAND, "/"]]],
  ];
  return (
    <Dialog title={t("keys.title")} onClose={onClose}>
      <dl className="mt-3 divide-y divide-line">
        {rows.map(([what, combinations]) => (
          <div key={what} className="flex items-center justify-between gap-4 py-2.5">
            <dt>{what}</dt>
            <dd className="flex shrink-0 gap-2">
              {combinations.map((combination) => (
                <span key={combination.join("+")} className="flex gap-1">
                  {combination.map((name) => (
                    <kbd key={name} className="min-w-7 rounded-md border border-b-2 border-line bg-surface px-1.5 text-center font-sans text-sm leading-6">{name}</kbd>
                  ))}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <div className="mt-5 flex justify-end">
        <Button look="quiet" onClick={onClose}>{t("app.close")}</Button>
      </div>
    </Dialog>
  );
}
