const DAY_MS = 86_400_000;
const SHARE = 0.1;

/** The life of a session by this computer's clock, in ms. */
export interface Lifespan {
  startedAt: number;
  endsAt: number;
}

/** How long until somebody should be warned, 0 if they should be now: a day before the end, or a tenth of a short life. */
export function untilWarning({ startedAt, endsAt }: Lifespan, now: number): number {
  const notice = Math.min(DAY_MS, Math.max(0, endsAt - startedAt) * SHARE);
  return Math.max(0, endsAt - notice - now);
}
