import type { LocalFile, OutboxItem } from "@/realtime/database";
import { Outbox, type OutboxPorts } from "@/realtime/outbox";
import { attachment, message } from "./builders";

export type Disk = Map<string, OutboxItem>;

export function portsOf(disk: Disk, accepted: string[]): Omit<OutboxPorts, "deliver"> {
  return {
    store: {
      all: () => Promise.resolve([...disk.values()]),
      add: async (item) => void disk.set(item.client_id, item),
      update: async (item) => void (disk.has(item.client_id) && disk.set(item.client_id, item)),
      remove: async (id) => void disk.delete(id),
    },
    upload: (file) => Promise.resolve(attachment(`id-${file.key}`)),
    forget: () => undefined,
    locationOf: () => null,
    show: async ({ client_id }) => void accepted.push(client_id),
    exclusively: (_name, work) => work(),
    announce: () => undefined,
    now: () => Date.now(),
  };
}

export function setUp(deliver: OutboxPorts["deliver"], stored: OutboxItem[] = [], ports: Partial<OutboxPorts> = {}) {
  const disk: Disk = new Map(stored.map((item) => [item.client_id, item]));
  const accepted: string[] = [];
  const outbox = new Outbox({ ...portsOf(disk, accepted), deliver, ...ports });
  return { outbox, disk, accepted, items: () => outbox.items.getState().items };
}

export const draft = (text: string, peer_id = 2, files: LocalFile[] = []) => ({ peer_id, text, files, reply_to_id: null });
export const ok = (item: OutboxItem) => Promise.resolve(message(1, { client_id: item.client_id }));
