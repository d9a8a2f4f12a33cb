import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { findMessageAt } from "@/api/chat";
import { toApiError } from "@/api/errors";
import { Button } from "@/components/ui/Button";
import { showToast } from "@/components/ui/toasts";
import { explain } from "@/i18n/errors";

interface DateJumpProps {
  peerId: number;
  onFound: (messageId: number) => void;
}

/** Midnight of the reader's own day. */
function startOf(day: string): Date {
  return new Date(`${day}T00:00:00`);
}

export function DateJump({ peerId, onFound }: DateJumpProps) {
  const { t } = useTranslation();
  const [day, setDay] = useState("");
  const [busy, setBusy] = useState(false);

  const go = async (event: FormEvent) => {
    event.preventDefault();
    if (!day) return;
    setBusy(true);
    try {
      const found = await findMessageAt(peerId, startOf(day));
      if (found === null) showToast("failed", t("search.nothingSince"));
      else onFound(found);
    } catch (error) {
      showToast("failed", explain(toApiError(error), t));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void go(event)} className="flex items-center gap-2">
      <label className="flex min-w-0 flex-1 items-center gap-2 text-sm text-muted">
        <span className="shrink-0">{t("search.date")}</span>
        <input
          type="date"
          required
          min="1970-01-01"
          max="9999-12-31"
          value={day}
          onChange={(event) => setDay(event.target.value)}
          className="h-11 min-w-0 flex-1 rounded-xl border border-field/60 bg-raised px-3 text-ink focus:border-accent"
        />
      </label>
      <Button type="submit" look="quiet" busy={busy}>{t("search.go")}</Button>
    </form>
  );
}
