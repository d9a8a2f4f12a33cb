import type { Attachment, Conversation, Message, User } from "@/api/types";
import type { ConversationList, History } from "@/realtime/apply";
import type { LocalFile, OutboxItem } from "@/realtime/database";

export function user(id: number, fields: Partial<User> = {}): User {
  return { id, username: `user${id}`, display_name: `User ${id}`, created_at: "2026-01-01T00:00:00Z", ...fields };
}

export function message(id: number, fields: Partial<Message> = {}): Message {
  return {
    id,
    client_id: `00000000-0000-4000-8000-${String(id).padStart(12, "0")}`,
    sender_id: 2,
    receiver_id: 1,
    text: `text ${id}`,
    attachments: [],
    reply_to_id: null,
    reactions: [],
    created_at: new Date(Date.UTC(2026, 0, 5, 10, 0, id)).toISOString(),
    edited_at: null,
    deleted_at: null,
    revision: 1,
    ...fields,
  };
}

export function conversation(peerId: number, last: Message, fields: Partial<Conversation> = {}): Conversation {
  return {
    peer: user(peerId),
    last_message: last,
    unread_count: 0,
    my_read_id: null,
    peer_read_id: null,
    peer_delivered_id: null,
    blocked: false,
    ...fields,
  };
}

export function listOf(...items: Conversation[]): ConversationList {
  return { pages: [{ items, next_cursor: null }] };
}

export function historyOf(items: Message[], hasMore = false): History {
  return { pages: [{ items, has_more_before: hasMore, has_more_after: false }], pageParams: [null] };
}

export function attachment(id: string, fields: Partial<Attachment> = {}): Attachment {
  const url = `/api/files/${id}`;
  return { id, filename: `${id}.txt`, content_type: "text/plain", size: 5, width: null, height: null, url, thumbnail_url: null, ...fields };
}

export function localFile(key: string, fields: Partial<LocalFile> = {}): LocalFile {
  const blob = new Blob(["bytes"]);
  return { key, name: `${key}.txt`, type: "text/plain", size: 5, width: null, height: null, blob, location: null, attachment: null, ...fields };
}

export function outboxItem(client_id: string, fields: Partial<OutboxItem> = {}): OutboxItem {
  return {
    client_id,
    peer_id: 2,
    position: 1,
    text: "soon",
    files: [],
    reply_to_id: null,
    created_at: "2026-01-05T10:01:00Z",
    failed_code: null,
    failed_file: null,
    ...fields,
  };
}
