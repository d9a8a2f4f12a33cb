import type { TFunction } from "i18next";

interface Failure {
  status: number;
  code: string;
  retryAfter: number | null;
}

const SAME_NAME = [
  "invalid_grant", "username_taken", "email_taken", "weak_password", "wrong_password", "blocked", "deleted",
  "stale_revision", "quota_exceeded", "bad_image", "rate_limited",
] as const;

/** Codes that say the same to a reader as one of the texts above. */
const SYNONYMS = {
  not_found: "not_found", forbidden: "forbidden", not_yours: "forbidden", conflict: "conflict", attachment_used: "conflict",
  too_large: "too_large", invalid: "invalid", empty_message: "invalid", too_many_requests: "rate_limited",
} as const;

const BY_STATUS = { 403: "forbidden", 404: "not_found", 409: "conflict", 413: "too_large", 422: "invalid" } as const;

/** A failure in the reader's language: by its code, then by its status, then in general. */
export function explain(failure: Failure, t: TFunction): string {
  if (failure.status === 429 && failure.retryAfter !== null) return t("errors.rate_limited_for", { count: failure.retryAfter });
  if (failure.status === 429) return t("errors.rate_limited");
  const code = SAME_NAME.find((name) => name === failure.code);
  if (code) return t(`errors.${code}`);
  if (failure.code === "network" || failure.code === "disconnected" || failure.code === "timeout") return t("errors.network");
  if (failure.code in SYNONYMS) return t(`errors.${SYNONYMS[failure.code as keyof typeof SYNONYMS]}`);
  if (failure.status >= 500) return t("errors.unavailable");
  const known = BY_STATUS[failure.status as keyof typeof BY_STATUS] as (typeof BY_STATUS)[keyof typeof BY_STATUS] | undefined;
  return t(known ? `errors.${known}` : "errors.generic");
}
