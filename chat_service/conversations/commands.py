"""Marks, blocks and profiles, as commands of the journal."""

from dataclasses import dataclass

from chat_service.journal.state import Event, EventType, Needs, State
from chat_service.messages.commands import visible_message
from shared.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Mark:
    """I have read, or one of my devices has got, the conversation up to this message. Marks only move forward.

    If either of us does not show receipts, the other one is told that I got it, and not that I read it.
    """

    user_id: int
    peer_id: int
    message_id: int
    read: bool

    def needs(self) -> Needs:
        return Needs(
            pairs={(self.user_id, self.peer_id)},
            message_ids={self.message_id},
            receipts={self.user_id, self.peer_id} if self.read else set(),
        )

    def apply(self, state: State) -> None:
        message = visible_message(state, self.user_id, self.message_id)
        if message.people != {self.user_id, self.peer_id}:
            raise NotFound("There is no such message.")
        marks = state.marks_of(self.user_id, self.peer_id)
        is_news = (marks.delivered_id or 0) < self.message_id
        if is_news:
            marks.delivered_id = self.message_id
            if not self.read:
                self._tell(state, EventType.DELIVERED, {self.user_id, self.peer_id})
        # Reading implies delivered: one event tells both.
        if self.read and (marks.read_id or 0) < self.message_id:
            marks.read_id = self.message_id
            if not {self.user_id, self.peer_id} & state.without_receipts:
                self._tell(state, EventType.READ, {self.user_id, self.peer_id})
                return
            self._tell(state, EventType.READ, {self.user_id})
            if is_news and self.peer_id != self.user_id:
                self._tell(state, EventType.DELIVERED, {self.peer_id})

    def _tell(self, state: State, type_: EventType, people: set[int]) -> None:
        state.changed_marks.add((self.user_id, self.peer_id))
        for user_id in sorted(people):
            state.events.append(
                Event(user_id, type_, message_id=self.message_id, subject_id=self.user_id, peer_id=self.peer_id)
            )


@dataclass(frozen=True, slots=True)
class SetBlock:
    """I do not want to hear from somebody, or do again."""

    user_id: int
    peer_id: int
    on: bool

    def needs(self) -> Needs:
        return Needs(pairs={(self.user_id, self.peer_id)})

    def apply(self, state: State) -> None:
        if self.user_id == self.peer_id:
            raise Invalid("You cannot block yourself.")
        pair = (self.user_id, self.peer_id)
        if self.peer_id not in (state.active_users if self.on else state.known_users):
            raise NotFound("There is no such person.")
        if self.on == (pair in state.blocks):
            return
        if self.on:
            state.blocks.add(pair)
            state.new_blocks.add(pair)
        else:
            state.blocks.discard(pair)
            state.new_blocks.discard(pair)
            state.removed_blocks.add(pair)
        state.events.append(Event(self.user_id, EventType.BLOCK_CHANGED, subject_id=self.peer_id))


@dataclass(frozen=True, slots=True)
class AnnounceProfile:
    """Tell everyone who shares a conversation with somebody what they are called now, once per change."""

    user_id: int

    def needs(self) -> Needs:
        return Needs(profiles={self.user_id})

    def apply(self, state: State) -> None:
        profile = state.profiles.get(self.user_id)
        if profile is None or profile.revision <= profile.announced:
            return
        profile.announced = profile.revision
        state.announced[self.user_id] = profile.revision
        for peer_id in profile.peers:
            state.events.append(Event(peer_id, EventType.USER_UPDATED, subject_id=self.user_id))
