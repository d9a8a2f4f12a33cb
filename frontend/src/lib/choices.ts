import { createStore } from "zustand/vanilla";
import { onPreferenceChange, readPreference, writePreference } from "./preferences";

/** What the Enter key does in the composer; the other thing is done by Ctrl+Enter or Shift+Enter. */
export type EnterKey = "sends" | "breaks";

interface Choices {
  enterKey: EnterKey;
  /** Wanted on this device; whether the browser allows it is another question. */
  notifies: boolean;
}

const read = (): Choices => ({
  enterKey: readPreference("enter") === "breaks" ? "breaks" : "sends",
  notifies: readPreference("notifies") === "1",
});

/** How this browser behaves. The same in all of its tabs. */
export const choices = createStore<Choices>(read);
onPreferenceChange(() => choices.setState(read()));

export function chooseEnterKey(enterKey: EnterKey): void {
  writePreference("enter", enterKey === "sends" ? null : enterKey);
  choices.setState({ enterKey });
}

export function chooseNotifications(notifies: boolean): void {
  writePreference("notifies", notifies ? "1" : null);
  choices.setState({ notifies });
}
