import { type DBSchema, type IDBPDatabase, deleteDB, openDB } from "idb";
import type { Attachment } from "@/api/types";

export interface OutboxItem {
  client_id: string;
  peer_id: number;
  /** Orders the items of one conversation; grows with time, also across tabs and reloads. */
  position: number;
  text: string | null;
  attachments: Attachment[];
  reply_to_id: number | null;
  created_at: string;
  /** Set when the server refused it for good. */
  failed_code: string | null;
}

export interface Draft {
  peer_id: number;
  text: string;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: OutboxItem };
  drafts: { key: number; value: Draft };
}

export type Database = IDBPDatabase<Schema>;

const nameOf = (userId: number) => `communication-${userId}`;

export function openDatabase(userId: number): Promise<Database> {
  return openDB<Schema>(nameOf(userId), 1, {
    upgrade(database) {
      database.createObjectStore("outbox", { keyPath: "client_id" });
      database.createObjectStore("drafts", { keyPath: "peer_id" });
    },
    blocking(_current, _blocked, event) {
      // Another tab signs out and deletes the database: do not stand in its way.
      (event.target as IDBDatabase).close();
    },
  });
}

export function deleteDatabase(userId: number): Promise<void> {
  return deleteDB(nameOf(userId));
}
