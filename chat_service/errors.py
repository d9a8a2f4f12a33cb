"""Errors of chat_service."""

from shared.errors import Conflict, Forbidden, Invalid, TooLarge


class Blocked(Forbidden):
    """One of the two blocks the other."""

    code = "blocked"
    detail = "You cannot write in this conversation."


class NotYours(Forbidden):
    """Only its author may change a message."""

    code = "not_yours"
    detail = "Only its author may do that."


class Deleted(Conflict):
    """The message was deleted."""

    code = "deleted"
    detail = "This message was deleted."


class StaleRevision(Conflict):
    """Somebody, perhaps on another device, changed it meanwhile."""

    code = "stale_revision"
    detail = "This message was changed meanwhile."


class AttachmentUsed(Conflict):
    """A file belongs to one message."""

    code = "attachment_used"
    detail = "This file is already in a message."


class TooManyReactions(Conflict):
    """A bound on how many emoji one person may set on one message."""

    code = "too_many_reactions"
    detail = "You have set too many reactions on this message."


class EmptyMessage(Invalid):
    """Neither text nor a file."""

    code = "empty_message"
    detail = "A message needs some text or a file."


class BadImage(Invalid):
    """It says that it is an image, but cannot be decoded within bounds."""

    code = "bad_image"
    detail = "This image cannot be read."


class QuotaExceeded(TooLarge):
    """All of a person's files together."""

    code = "quota_exceeded"
    detail = "Your files take all the space that you have here."
