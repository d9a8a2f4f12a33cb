export type DeliveryState = "sending" | "sent" | "delivered" | "read" | "failed";

interface Marks {
  peer_read_id: number | null;
  peer_delivered_id: number | null;
}

/** How far my message got, by the other person's marks. */
export function stateOf(message: { id: number }, marks: Marks | undefined): DeliveryState {
  if (message.id <= (marks?.peer_read_id ?? 0)) return "read";
  if (message.id <= (marks?.peer_delivered_id ?? 0)) return "delivered";
  return "sent";
}
