import type { EventFrame, JournalEvent } from "@/api/types";

/** The socket names the event in `event`, the REST journal in `type`; inside this program there is only the latter. */
export function toJournalEvent({ seq, event, data }: EventFrame): JournalEvent {
  return { seq, type: event, data } as JournalEvent;
}
