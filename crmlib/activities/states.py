"""What an activity may be: its state, its importance, its priority."""

from enum import StrEnum


class ActivityStatus(StrEnum):
    """未开始, 已开始, 已完成."""

    NOT_STARTED = "not_started"
    STARTED = "started"
    DONE = "done"


class Importance(StrEnum):
    """很重要, 一般, 不重要."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Priority(StrEnum):
    """高, 中, 低."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
