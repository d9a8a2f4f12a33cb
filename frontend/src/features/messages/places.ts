import type { Engine } from "@/realtime/engine";
import type { Placed } from "./scrollKeeper";

/** Where each conversation was left, for as long as somebody is signed in and this page is open. */
const places = new WeakMap<Engine, Map<number, Placed>>();

export function placeOf(engine: Engine, peerId: number): Placed | undefined {
  return places.get(engine)?.get(peerId);
}

export function leaveAt(engine: Engine, peerId: number, place: Placed | null): void {
  const known = places.get(engine) ?? new Map<number, Placed>();
  places.set(engine, known);
  if (place) known.set(peerId, place);
  else known.delete(peerId);
}
