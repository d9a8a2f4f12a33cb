/** Keeps a lock from when it can be had until the way out is taken. */
function keepLock(name: string, mode: LockMode, onHeld: () => void): () => void {
  const waiting = new AbortController();
  let release: (() => void) | null = null;
  navigator.locks
    ?.request(name, { mode, signal: waiting.signal }, () => {
      onHeld();
      return new Promise<void>((resolve) => {
        release = resolve;
        // It was granted and given up in the same moment.
        if (waiting.signal.aborted) resolve();
      });
    })
    .catch(() => undefined);
  return () => {
    waiting.abort();
    release?.();
  };
}

/** One tab of a browser is the first among them; when it is closed, another one follows. */
export function standForFirst(name: string): { isFirst: () => boolean; stop: () => void } {
  // Without locks every tab counts as the first; the browser then shows one notification per tag anyway.
  let first = !navigator.locks;
  const stop = keepLock(name, "exclusive", () => {
    first = true;
  });
  return { isFirst: () => first, stop };
}

const EVENTS = ["focus", "blur", "pageshow"] as const;
const isLooking = () => document.visibilityState === "visible" && document.hasFocus();

/** Lets the other tabs know whether somebody is looking at this one. */
export function tellWhetherLooking(name: string): () => void {
  let stop: (() => void) | null = null;
  const look = () => {
    if (isLooking()) stop ??= keepLock(name, "shared", () => undefined);
    else {
      stop?.();
      stop = null;
    }
  };
  look();
  for (const event of EVENTS) window.addEventListener(event, look);
  document.addEventListener("visibilitychange", look);
  return () => {
    for (const event of EVENTS) window.removeEventListener(event, look);
    document.removeEventListener("visibilitychange", look);
    stop?.();
  };
}

/** Whether somebody looks at this tab or at any other one. */
export async function isAnybodyLooking(name: string): Promise<boolean> {
  if (isLooking()) return true;
  const locks = await navigator.locks?.query();
  return locks?.held?.some((lock) => lock.name === name) ?? false;
}
