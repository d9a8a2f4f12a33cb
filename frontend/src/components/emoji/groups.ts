import { Clock3, Coffee, Flag, Heart, Lightbulb, type LucideIcon, PersonStanding, Plane, Smile, Sprout, Trophy } from "lucide-react";

/** Unicode's own groups, in its order; 2 are parts of others and shown nowhere. */
export const GROUPS = [
  { id: 0, label: "emoji.smileys", Icon: Smile },
  { id: 1, label: "emoji.people", Icon: PersonStanding },
  { id: 3, label: "emoji.nature", Icon: Sprout },
  { id: 4, label: "emoji.food", Icon: Coffee },
  { id: 5, label: "emoji.travel", Icon: Plane },
  { id: 6, label: "emoji.activities", Icon: Trophy },
  { id: 7, label: "emoji.objects", Icon: Lightbulb },
  { id: 8, label: "emoji.symbols", Icon: Heart },
  { id: 9, label: "emoji.flags", Icon: Flag },
] as const satisfies readonly { id: number; label: string; Icon: LucideIcon }[];

export const RECENT = { id: -1, label: "emoji.recent", Icon: Clock3 } as const;

export type Group = (typeof GROUPS)[number] | typeof RECENT;
