import { describe, expect, test } from "vitest";
import type { JournalEvent } from "@/api/types";
import { conversation, historyOf, listOf, message, user } from "@/testing/builders";
import {
  type ConversationList,
  type History,
  type View,
  applyEvent,
  extendHistory,
  extendList,
  findConversation,
  freshenList,
  freshenPage,
} from "./apply";

const ME = 1;

interface Screen {
  list: ConversationList | undefined;
  asides: Map<number, ConversationList>;
  histories: Map<number, History>;
  refetched: string[];
}

function screen(list?: ConversationList, histories: [number, History][] = [], asides: [number, ConversationList][] = []): Screen {
  return { list, histories: new Map(histories), asides: new Map(asides), refetched: [] };
}

function play(state: Screen, ...events: JournalEvent[]): Screen {
  for (const event of events) {
    const view: View = { me: ME, list: state.list, aside: (id) => state.asides.get(id), history: (id) => state.histories.get(id) };
    for (const patch of applyEvent(view, event)) {
      if (patch.kind === "list") state.list = patch.data;
      else if (patch.kind === "aside") state.asides.set(patch.peerId, patch.data);
      else if (patch.kind === "history") state.histories.set(patch.peerId, patch.data);
      else state.refetched.push(patch.key);
    }
  }
  return state;
}

const ids = (state: Screen, peer: number) => state.histories.get(peer)?.pages.flatMap((page) => page.items.map(({ id }) => id));
const item = (state: Screen, peer: number) => findConversation(state.list, peer);

describe("messages", () => {
  test("a new one is appended, counted once, and its conversation comes to the top", () => {
    const state = screen(listOf(conversation(3, message(2)), conversation(2, message(1))), [[2, historyOf([message(1)])]]);
    const event: JournalEvent = { seq: 1, type: "message.created", data: message(5) };
    play(state, event, event);
    expect(ids(state, 2)).toEqual([1, 5]);
    expect(item(state, 2)?.unread_count).toBe(1);
    expect(state.list?.pages[0]?.items.map(({ peer }) => peer.id)).toEqual([2, 3]);
  });

  test("what came before my own, which was shown early, is counted by the server", () => {
    const state = screen(listOf(conversation(2, message(6, { sender_id: ME, receiver_id: 2 }))));
    play(state, { seq: 1, type: "message.created", data: message(5) });
    expect(state.refetched).toEqual(["conversations"]);
  });

  test("my own does not count as unread", () => {
    const state = screen(listOf(conversation(2, message(1))));
    play(state, { seq: 1, type: "message.created", data: message(6, { sender_id: ME, receiver_id: 2 }) });
    expect(item(state, 2)?.unread_count).toBe(0);
    expect(item(state, 2)?.last_message.id).toBe(6);
  });

  test("from somebody new the list is asked for", () => {
    const state = screen(listOf());
    play(state, { seq: 1, type: "message.created", data: message(1) });
    expect(state.refetched).toEqual(["conversations"]);
  });

  test("a change in one further down than the list is loaded asks for nothing", () => {
    const state = screen(listOf(conversation(3, message(8))), [], [[2, listOf(conversation(2, message(1)))]]);
    play(state, { seq: 1, type: "message.updated", data: message(1, { text: "new", revision: 2 }) });
    expect(state.refetched).toEqual([]);
    expect(findConversation(state.asides.get(2), 2)?.last_message.text).toBe("new");
  });

  test("edits change text in both places, and an older revision changes nothing", () => {
    const state = screen(listOf(conversation(2, message(1))), [[2, historyOf([message(1)])]]);
    play(
      state,
      { seq: 1, type: "message.updated", data: message(1, { text: "new", revision: 3 }) },
      { seq: 2, type: "message.updated", data: message(1, { text: "old", revision: 2 }) },
    );
    expect(state.histories.get(2)?.pages[0]?.items[0]?.text).toBe("new");
  });

  test("a deleted one never comes back", () => {
    const gone = message(1, { text: null, deleted_at: "2026-01-05T11:00:00Z", revision: 2 });
    const state = screen(undefined, [[2, historyOf([message(1)])]]);
    play(state, { seq: 1, type: "message.deleted", data: gone }, { seq: 2, type: "message.updated", data: message(1, { revision: 2 }) });
    expect(state.histories.get(2)?.pages[0]?.items[0]?.text).toBeNull();
  });

  test("deleting an unread one asks for the count", () => {
    const state = screen(listOf(conversation(2, message(3), { unread_count: 2, my_read_id: 1 })));
    play(state, { seq: 1, type: "message.deleted", data: message(2, { text: null, deleted_at: "2026-01-05T11:00:00Z", revision: 2 }) });
    expect(state.refetched).toEqual(["conversations"]);
  });

  test("a change of a message that was never loaded adds nothing", () => {
    const state = screen(undefined, [[2, historyOf([message(50)], true)]]);
    play(state, { seq: 1, type: "message.updated", data: message(7, { revision: 2 }) });
    expect(ids(state, 2)).toEqual([50]);
  });

  test("a part of the past gets no new ones, but every change of its own", () => {
    const past = historyOf([message(4), message(5)]);
    past.pages = past.pages.map((page) => ({ ...page, has_more_after: true }));
    const state = screen(undefined, [[2, past]]);
    play(
      state,
      { seq: 1, type: "message.created", data: message(90) },
      { seq: 2, type: "message.updated", data: message(5, { text: "new", revision: 2 }) },
    );
    expect(ids(state, 2)).toEqual([4, 5]);
    expect(state.histories.get(2)?.pages[0]?.items[1]?.text).toBe("new");
  });

  test("a page asked for before an event is brought up to date", () => {
    const page = historyOf([message(1)]).pages[0];
    if (!page) throw new Error("no page");
    const events: JournalEvent[] = [
      { seq: 8, type: "message.created", data: message(2) },
      { seq: 9, type: "message.created", data: message(3, { sender_id: 9 }) },
    ];
    expect(freshenPage(page, events, ME, 2).items.map(({ id }) => id)).toEqual([1, 2]);
    expect(freshenPage({ ...page, has_more_after: true }, events, ME, 2).items.map(({ id }) => id)).toEqual([1]);
  });
});

test("a page is added at the end it was asked for, and not at all when another part is on the screen meanwhile", () => {
  const [older, newer] = [historyOf([message(1)]).pages[0], historyOf([message(9)]).pages[0]];
  if (!older || !newer) throw new Error("no page");
  const history = historyOf([message(4), message(5)]);
  const seen = (changed: History) => changed.pages.map(({ items }) => items.map(({ id }) => id));
  expect(seen(extendHistory(history, older, { before: 4 }))).toEqual([[4, 5], [1]]);
  expect(seen(extendHistory(history, newer, { after: 5 }))).toEqual([[9], [4, 5]]);
  expect(extendHistory(history, older, { before: 3 })).toBe(history);
  expect(extendHistory(history, newer, { after: 4 })).toBe(history);
});

describe("marks", () => {
  const list = () => listOf(conversation(2, message(9), { unread_count: 3, my_read_id: 4 }));

  test("the peer's marks move forward only, and reading means delivered", () => {
    const state = screen(list());
    play(
      state,
      { seq: 1, type: "conversation.read", data: { user_id: 2, peer_id: ME, message_id: 7 } },
      { seq: 2, type: "conversation.delivered", data: { user_id: 2, peer_id: ME, message_id: 5 } },
    );
    expect(item(state, 2)).toMatchObject({ peer_read_id: 7, peer_delivered_id: 7 });
  });

  test("my own mark on another device clears the count here", () => {
    const state = play(screen(list()), { seq: 1, type: "conversation.read", data: { user_id: ME, peer_id: 2, message_id: 9 } });
    expect(item(state, 2)).toMatchObject({ unread_count: 0, my_read_id: 9 });
  });

  test("a partial mark is counted from what is loaded, or asked for", () => {
    const loaded = screen(list(), [[2, historyOf([message(4), message(7), message(8), message(9)])]]);
    play(loaded, { seq: 1, type: "conversation.read", data: { user_id: ME, peer_id: 2, message_id: 7 } });
    expect(item(loaded, 2)?.unread_count).toBe(2);
    const unknown = play(screen(list()), { seq: 1, type: "conversation.read", data: { user_id: ME, peer_id: 2, message_id: 7 } });
    expect(unknown.refetched).toEqual(["conversations"]);
  });
});

test("reading in the middle of the past counts down, without asking", () => {
  const past = historyOf([message(4), message(5), message(6, { sender_id: ME, receiver_id: 2 }), message(7)]);
  past.pages = past.pages.map((page) => ({ ...page, has_more_after: true }));
  const state = screen(listOf(conversation(2, message(900), { unread_count: 300, my_read_id: 4 })), [[2, past]]);
  play(state, { seq: 1, type: "conversation.read", data: { user_id: ME, peer_id: 2, message_id: 7 } });
  expect(item(state, 2)).toMatchObject({ unread_count: 298, my_read_id: 7 });
  expect(state.refetched).toEqual([]);
});

describe("a list that grows", () => {
  const created = (id: number, from = 2): JournalEvent => ({ seq: 1, type: "message.created", data: message(id, { sender_id: from }) });
  const inPages = (list: ConversationList | undefined) => list?.pages.map(({ items }) => items.map(({ peer }) => peer.id));
  const readTo = (id: number): JournalEvent => ({ seq: 1, type: "conversation.read", data: { user_id: ME, peer_id: 2, message_id: id } });

  test("has what happened while it was being read, once", () => {
    const before = listOf(conversation(2, message(1), { unread_count: 1 }));
    const after = listOf(conversation(2, message(2), { unread_count: 2 }));
    for (const read of [before, after]) {
      const { data, isSure } = freshenList(read, [created(2)], ME);
      expect(findConversation(data, 2)).toMatchObject({ unread_count: 2, last_message: { id: 2 } });
      expect(isSure).toBe(true);
    }
  });

  test.each([
    ["a message of somebody new", created(9, 4)],
    ["an unread one deleted", { seq: 1, type: "message.deleted", data: message(6, { deleted_at: "2026-01-05T11:00:00Z", text: null }) } satisfies JournalEvent],
    ["my mark in the middle", readTo(6)],
  ])("does not know what this made of it while it was being read: %s", (_, event) => {
    const read = listOf(conversation(2, message(7), { unread_count: 3, my_read_id: 4 }));
    expect(freshenList(read, [event], ME).isSure).toBe(false);
  });

  test("is sure of a mark that it has already, and of all that is about others", () => {
    const read = listOf(conversation(2, message(8), { unread_count: 3, my_read_id: 5 }));
    expect(freshenList(read, [readTo(5), created(8)], ME)).toEqual({ data: read, isSure: true });
    expect(freshenList(read, [created(9, 4)], ME, (peerId) => peerId === 2)).toEqual({ data: read, isSure: true });
  });

  test("shows nobody twice", () => {
    const list = listOf(conversation(2, message(9)), conversation(3, message(8)));
    const next = listOf(conversation(3, message(7)), conversation(4, message(6))).pages[0];
    expect(inPages(extendList(list, next ?? { items: [], next_cursor: null }))).toEqual([[2, 3], [4]]);
  });

  test("takes in one from further down when something is written there", () => {
    const state = screen(listOf(conversation(3, message(8))), [], [[2, listOf(conversation(2, message(1)))]]);
    play(state, created(9));
    expect(inPages(state.list)).toEqual([[2, 3]]);
    expect(item(state, 2)?.unread_count).toBe(1);
    expect(findConversation(state.asides.get(2), 2)?.unread_count).toBe(1);
    expect(state.refetched).toEqual([]);
  });

  test("one that is known to be none is asked for when there is one", () => {
    const state = play(screen(listOf(conversation(3, message(8))), [], [[2, listOf()]]), created(9));
    expect(state.refetched).toEqual(["conversations", "conversation"]);
  });
});

test("blocks and names reach the list", () => {
  const state = screen(listOf(conversation(2, message(1))));
  play(
    state,
    { seq: 1, type: "block.changed", data: { user_id: 2, blocked: true } },
    { seq: 2, type: "user.updated", data: user(2, { display_name: "Олена" }) },
  );
  expect(item(state, 2)).toMatchObject({ blocked: true, peer: { display_name: "Олена" } });
});

test("an unknown kind of event is skipped", () => {
  const unknown = { seq: 1, type: "poll.opened", data: {} } as unknown as JournalEvent;
  expect(applyEvent({ me: ME, list: undefined, aside: () => undefined, history: () => undefined }, unknown)).toEqual([]);
});
