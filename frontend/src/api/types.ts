import type { Me, PeoplePage, Session as SessionInfo } from "./generated/auth/types.gen";
import type {
  Attachment,
  BlockChanged,
  ClientFrameWebhookPayload,
  Conversation,
  ConversationPage,
  EventFrame,
  EventType,
  EventView,
  Limits as FileLimits,
  MarkMoved,
  Message,
  MessagePage,
  NewMessage,
  SearchPage,
  ServerFrameWebhookPayload,
  SyncPage,
  User,
} from "./generated/chat/types.gen";

export type {
  Attachment,
  Conversation,
  ConversationPage,
  EventFrame,
  FileLimits,
  MarkMoved,
  Me,
  Message,
  MessagePage,
  NewMessage,
  PeoplePage,
  SearchPage,
  SessionInfo,
  SyncPage,
  User,
};

interface EventData extends Record<EventType, unknown> {
  "message.created": Message;
  "message.updated": Message;
  "message.deleted": Message;
  "conversation.read": MarkMoved;
  "conversation.delivered": MarkMoved;
  "block.changed": BlockChanged;
  "user.updated": User;
}

/** One entry of my journal: numbered without gaps, the same on all of my devices. OpenAPI cannot tie `data` to `type`. */
export type JournalEvent = { [T in EventType]: Omit<EventView, "type" | "data"> & { type: T; data: EventData[T] } }[EventType];

type WithoutId<Frame> = Frame extends unknown ? Omit<Frame, "id"> : never;

/** What the socket may be asked; it numbers the frames by itself. */
export type ClientFrame = WithoutId<ClientFrameWebhookPayload>;
export type ServerFrame = ServerFrameWebhookPayload;
