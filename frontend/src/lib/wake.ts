const TICK_MS = 5000;
const JUMP_MS = 20_000;

/**
 * Tells that the world may have changed while nobody looked: the page is shown again, the network is back, or the
 * machine slept. Of the last the only sign is a clock that jumped, since timers simply go on where they stopped.
 */
export function onWake(listener: () => void): () => void {
  const tell = () => {
    if (document.visibilityState !== "hidden") listener();
  };
  let last = Date.now();
  const clock = setInterval(() => {
    const slept = Math.abs(Date.now() - last) > JUMP_MS;
    last = Date.now();
    if (slept) tell();
  }, TICK_MS);
  window.addEventListener("online", tell);
  window.addEventListener("pageshow", tell);
  document.addEventListener("visibilitychange", tell);
  return () => {
    clearInterval(clock);
    window.removeEventListener("online", tell);
    window.removeEventListener("pageshow", tell);
    document.removeEventListener("visibilitychange", tell);
  };
}
