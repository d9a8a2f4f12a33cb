async function register(): Promise<void> {
  const registration = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  // A version that came in the meantime takes over now, at the beginning of a visit: no page is changed under its reader.
  registration.waiting?.postMessage("take-over");
}

/** Only where it can be had: in secure contexts, and not while developing. It is never in anybody's way when it fails. */
export function startServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // The page comes first.
  window.addEventListener("load", () => void register().catch(() => undefined));
}
