"""The states of a quotation and the steps between them."""

from enum import StrEnum


class QuoteStatus(StrEnum):
    """How far a version of a quotation has come."""

    DRAFT = "draft"
    WAITING = "waiting"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    VOID = "void"


class QuoteStep(StrEnum):
    """What people do with it."""

    EDIT = "edit"
    SUBMIT = "submit"
    RECALL = "recall"
    RETURN = "return"
    APPROVE = "approve"
    SEND = "send"
    ACCEPT = "accept"
    VOID = "void"
    COPY = "copy"
