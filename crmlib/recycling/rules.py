"""When a customer in the 回收站 may be deleted for ever."""

from datetime import date, timedelta

KEPT_DAYS = 90
NOT_IN_BIN = "客户不在回收站，请刷新"


def may_go_on(recycled_on: date) -> date:
    """Return the first day on which a customer recycled that day may be deleted."""
    return recycled_on + timedelta(days=KEPT_DAYS)


def too_young(recycled_on: date) -> str:
    """Return why a customer may not be deleted yet."""
    day = may_go_on(recycled_on)
    return f"移入回收站满 {KEPT_DAYS} 天后才能彻底删除（{day.isoformat()} 起）"
