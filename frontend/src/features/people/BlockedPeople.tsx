import { useTranslation } from "react-i18next";
import { setBlocked } from "@/api/chat";
import { toApiError } from "@/api/errors";
import { Avatar } from "@/components/ui/Avatar";
import { Button } from "@/components/ui/Button";
import { showToast } from "@/components/ui/toasts";
import { explain } from "@/i18n/errors";
import { nameOf } from "@/i18n/names";
import { useBlocked } from "./useBlocked";

export function BlockedPeople() {
  const { t } = useTranslation();
  const people = useBlocked();
  const unblock = (id: number) => setBlocked(id, false).catch((error: unknown) => showToast("failed", explain(toApiError(error), t)));

  if (people.length === 0) return <p className="text-muted">{t("settings.noBlocked")}</p>;
  return (
    <ul className="divide-y divide-line">
      {people.map((person) => (
        <li key={person.id} className="flex items-center gap-3 py-2">
          <Avatar name={nameOf(person, t)} seed={person.id} size="sm" gone={person.username === null} />
          <span className="min-w-0 flex-1 truncate">{nameOf(person, t)}</span>
          <Button look="quiet" onClick={() => void unblock(person.id)}>{t("chats.unblock")}</Button>
        </li>
      ))}
    </ul>
  );
}
