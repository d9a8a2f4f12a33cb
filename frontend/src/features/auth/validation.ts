import type { TFunction } from "i18next";
import type { ApiError } from "@/api/errors";
import type { Registration } from "@/api/auth";

export type Field = "username" | "email" | "display_name" | "password";
export type FieldMessages = Partial<Record<Field, string>>;

const FIELDS: readonly Field[] = ["username", "email", "display_name", "password"];

/** Characters as people and the server count them: code points. */
const lengthOf = (text: string) => [...text].length;

/** Catches the obvious before asking the server, which has the last word. */
export function checkRegistration(values: Registration, t: TFunction): FieldMessages {
  const messages: FieldMessages = {};
  const username = lengthOf(values.username);
  if (username === 0) messages.username = t("errors.required");
  else if (username < 3 || username > 50) messages.username = t("errors.field_username");
  if (!values.email) messages.email = t("errors.required");
  else if (!/^\S+@\S+$/.test(values.email)) messages.email = t("errors.field_email");
  if (!values.password) messages.password = t("errors.required");
  else if (lengthOf(values.password) < 8) messages.password = t("errors.field_password");
  return messages;
}

/** Which field the server complains about, if it is one of the form's. */
export function fieldMessages(failure: ApiError, t: TFunction): FieldMessages {
  if (failure.code === "username_taken") return { username: t("errors.username_taken") };
  if (failure.code === "email_taken") return { email: t("errors.email_taken") };
  if (failure.code === "weak_password") return { password: t("errors.weak_password") };
  const messages: FieldMessages = {};
  for (const { field } of failure.fields) {
    const known = FIELDS.find((name) => name === field);
    if (known) messages[known] = t(`errors.field_${known}`);
  }
  return messages;
}
