import { readPreference, writePreference } from "@/lib/preferences";

const KEPT = 24;
const NAME = "emoji";

/** What was chosen last, the newest first. */
export function recentEmoji(): string[] {
  return (readPreference(NAME) ?? "").split(" ").filter(Boolean);
}

export function rememberEmoji(emoji: string): void {
  writePreference(NAME, [emoji, ...recentEmoji().filter((each) => each !== emoji)].slice(0, KEPT).join(" "));
}

export function forgetEmoji(): void {
  writePreference(NAME, null);
}
