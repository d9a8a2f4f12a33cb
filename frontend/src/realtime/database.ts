import { type DBSchema, type IDBPDatabase, deleteDB, openDB } from "idb";
import type { Attachment } from "@/api/types";

/** A file of a message that is being written or on its way. */
export interface LocalFile {
  key: string;
  name: string;
  type: string;
  size: number;
  /** Of a picture, as soon as they are known. */
  width: number | null;
  height: number | null;
  /** Null only when the server has the file and this browser had no room for it. */
  blob: Blob | null;
  /** Where its upload goes on, if it is a large one that was begun. */
  location: string | null;
  /** What the server made of it. It forgets unsent files after a day; then the blob is uploaded again. */
  attachment: Attachment | null;
}

export interface OutboxItem {
  client_id: string;
  peer_id: number;
  /** Orders the items of one conversation; grows with time, also across tabs and reloads. */
  position: number;
  text: string | null;
  files: LocalFile[];
  reply_to_id: number | null;
  created_at: string;
  /** Set when the server refused it for good. */
  failed_code: string | null;
  /** The name of the file that was the reason. */
  failed_file: string | null;
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

const VERSION = 2;
const nameOf = (userId: number) => `communication-${userId}`;

/** Version 1 had uploaded attachments only. */
function withFiles({ attachments, ...item }: OutboxItem & { attachments?: Attachment[] }): OutboxItem {
  const files = (attachments ?? []).map((attachment): LocalFile => ({
    key: attachment.id,
    name: attachment.filename,
    type: attachment.content_type,
    size: attachment.size,
    width: attachment.width,
    height: attachment.height,
    blob: null,
    location: null,
    attachment,
  }));
  return { ...item, files, failed_file: null };
}

export function openDatabase(userId: number): Promise<Database> {
  return openDB<Schema>(nameOf(userId), VERSION, {
    async upgrade(database, oldVersion, _newVersion, transaction) {
      if (oldVersion < 1) {
        database.createObjectStore("outbox", { keyPath: "client_id" });
        database.createObjectStore("drafts", { keyPath: "peer_id" });
      } else {
        const outbox = transaction.objectStore("outbox");
        for (const item of await outbox.getAll()) await outbox.put(withFiles(item));
      }
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

/** The message and its draft change places in one transaction: a draft must not come back after it was sent. */
export async function addToOutbox(database: Database, item: OutboxItem): Promise<void> {
  const transaction = database.transaction(["outbox", "drafts"], "readwrite");
  await Promise.all([
    transaction.objectStore("outbox").put(item),
    transaction.objectStore("drafts").delete(item.peer_id),
    transaction.done,
  ]);
}

/** Writes an item that is still there; what another tab took back must not return. */
export async function updateInOutbox(database: Database, item: OutboxItem): Promise<void> {
  const transaction = database.transaction("outbox", "readwrite");
  if ((await transaction.store.getKey(item.client_id)) !== undefined) await transaction.store.put(item);
  await transaction.done;
}
