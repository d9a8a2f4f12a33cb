/** Small, harmless choices that outlive a visit. Storage may be forbidden (private windows): then they last for the visit. */
export function readPreference(name: string): string | null {
  try {
    return localStorage.getItem(`communication.${name}`);
  } catch {
    return null;
  }
}

export function writePreference(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`communication.${name}`);
    else localStorage.setItem(`communication.${name}`, value);
  } catch {
    // Nothing to do: the choice still holds until the page is closed.
  }
}

/** Tells when another tab chose differently. */
export function onPreferenceChange(listener: () => void): void {
  window.addEventListener("storage", (event) => {
    if (event.key === null || event.key.startsWith("communication.")) listener();
  });
}
