import type { JournalEvent } from "@/api/types";
import type { Sequencer } from "./sequencer";

/** Whoever writes without a pause must not keep others from seeing anything. */
const MAX_READS = 3;

/** What was read, with what the journal told meanwhile; not `isSure` if only the server knows what that makes of it. */
export interface Fresh<T> {
  data: T;
  isSure: boolean;
}

/** Reads and replays what the journal told while the answer was on its way; what cannot be replayed is read again. */
export async function readFresh<T>(
  sequencer: Sequencer,
  read: () => Promise<T>,
  replay: (data: T, events: JournalEvent[]) => Fresh<T>,
): Promise<Fresh<T>> {
  for (let reads = 1; ; reads += 1) {
    const position = sequencer.position;
    const answer = await read();
    const events = sequencer.since(position);
    const { data, isSure } = replay(answer, events ?? []);
    if (events && isSure) return { data, isSure };
    if (reads === MAX_READS) return { data, isSure: false };
  }
}
