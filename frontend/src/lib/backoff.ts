/** Full jitter: anywhere between nothing and `base · 2^attempt` ms, at most `cap`. Many clients never come back in step. */
export function fullJitter(attempt: number, base: number, cap: number, random: () => number = Math.random): number {
  return random() * Math.min(cap, base * 2 ** Math.min(attempt, 16));
}

/** Resolves after `ms`, or as soon as `wake` fires, or when the browser comes back online. */
export function pause(ms: number, wake?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      wake?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    wake?.addEventListener("abort", done);
    if (wake?.aborted) done();
  });
}
