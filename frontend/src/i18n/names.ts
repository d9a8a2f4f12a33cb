import type { TFunction } from "i18next";

interface Named {
  username: string | null;
  display_name: string | null;
}

/** What to call somebody; a deleted account has no name left. */
export function nameOf(user: Named | undefined, t: TFunction): string {
  return user?.display_name ?? user?.username ?? t("people.deleted");
}
