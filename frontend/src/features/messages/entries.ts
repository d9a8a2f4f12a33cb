import type { Attachment, Conversation, Message } from "@/api/types";
import { type DeliveryState, stateOf } from "@/lib/delivery";
import { startOfDay } from "@/i18n/format";
import type { LocalFile, OutboxItem } from "@/realtime/database";

const GROUP_MS = 5 * 60_000;

export interface Entry {
  /** Stays the same while a message turns from "being sent" into a stored one, so that nothing is drawn anew. */
  key: string;
  message: Message;
  own: boolean;
  state: DeliveryState | null;
  failedCode: string | null;
  failedFile: string | null;
  pending: boolean;
  /** First of a run of messages by one person; the run looks like one turn of speech. */
  startsGroup: boolean;
  startsDay: boolean;
  startsNew: boolean;
}

interface Source {
  me: number;
  peerId: number;
  messages: readonly Message[];
  /** The messages reach the present; what is on its way belongs after that and nowhere else. */
  isPresent: boolean;
  outbox: readonly OutboxItem[];
  marks: Conversation | undefined;
  /** The last message that was read when the conversation was opened; null when nothing was waiting. */
  readUntil: number | null;
  /** Where this page finds the picture that a file is, before the server has it. */
  previewOf: (file: LocalFile) => string | null;
}

/** Looks like what the server will make of it, so that nothing moves when that comes. Its id is the file's key. */
function asAttachment({ key, name, type, size, width, height, attachment }: LocalFile, preview: string | null): Attachment {
  return {
    id: key,
    filename: attachment?.filename ?? name,
    content_type: attachment?.content_type ?? type,
    size: attachment?.size ?? size,
    width: attachment?.width ?? width,
    height: attachment?.height ?? height,
    url: attachment?.url ?? preview ?? "",
    thumbnail_url: preview ?? attachment?.thumbnail_url ?? null,
  };
}

function asMessage(item: OutboxItem, me: number, previewOf: Source["previewOf"]): Message {
  return {
    id: 0,
    client_id: item.client_id,
    sender_id: me,
    receiver_id: item.peer_id,
    text: item.text,
    attachments: item.files.map((file) => asAttachment(file, previewOf(file))),
    reply_to_id: item.reply_to_id,
    reactions: [],
    created_at: item.created_at,
    edited_at: null,
    deleted_at: null,
    revision: 1,
  };
}

type Bare = Pick<Entry, "key" | "message" | "own" | "state" | "failedCode" | "failedFile" | "pending">;

/** Everything one conversation shows, oldest first: what the server has, then what is still on its way. */
export function buildEntries({ me, peerId, messages, isPresent, outbox, marks, readUntil, previewOf }: Source): Entry[] {
  const arrived = new Set(messages.filter((message) => message.sender_id === me).map((message) => message.client_id));
  const stored = messages.map((message): Bare => {
    const own = message.sender_id === me;
    const state = own ? stateOf(message, marks) : null;
    return { key: own ? message.client_id : String(message.id), message, own, state, failedCode: null, failedFile: null, pending: false };
  });
  const waiting = outbox
    .filter((item) => isPresent && item.peer_id === peerId && !arrived.has(item.client_id))
    .map((item): Bare => {
      const state = item.failed_code === null ? "sending" : "failed";
      const message = asMessage(item, me, previewOf);
      return { key: item.client_id, message, own: true, state, failedCode: item.failed_code, failedFile: item.failed_file, pending: true };
    });
  return arrange([...stored, ...waiting], readUntil);
}

interface Moment {
  time: number;
  day: number;
}

/** Dates are slow to read, and long histories are arranged with every change. */
const moments = new WeakMap<Message, Moment>();

function momentOf(message: Message): Moment {
  const known = moments.get(message);
  if (known) return known;
  const at = new Date(message.created_at);
  const moment = { time: at.getTime(), day: startOfDay(at) };
  moments.set(message, moment);
  return moment;
}

function arrange(list: readonly Bare[], readUntil: number | null): Entry[] {
  let newFound = readUntil === null;
  return list.map((entry, index) => {
    const before = list[index - 1];
    const { time, day } = momentOf(entry.message);
    const earlier = before && momentOf(before.message);
    const startsDay = day !== earlier?.day;
    const startsNew = !newFound && !entry.own && entry.message.id > (readUntil ?? 0);
    newFound ||= startsNew;
    const goesOn = earlier && before.own === entry.own && time - earlier.time < GROUP_MS;
    return { ...entry, startsDay, startsNew, startsGroup: startsDay || startsNew || !goesOn };
  });
}
