"""What a message must have, the groups it may go to, and when one put off comes back."""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from crmlib import clock, words
from crmlib.access.grants import Role

TITLE_LENGTH = 120
BODY_LENGTH = 5000
SENT = "消息发送成功"
# Groups by the role whose active people receive the message; others depend on who writes.
GROUPS = {role.value: words.ROLES[role.value] for role in (Role.GENERAL_OFFICE, Role.ADMIN)}
HOUR, TOMORROW, MONDAY = "hour", "tomorrow", "monday"
SNOOZES = {HOUR: "1 小时后", TOMORROW: "明天上午", MONDAY: "下周一上午"}
MORNING = time(9)
NO_SUCH_TIME = "稍后提醒 请选择时间"
REPLY, FORWARD = "回复：", "转发："
_QUOTED = "\n\n—— 原消息：{sender} {sent_at} ——\n{body}"


def faults(
    recipients: Collection[int],
    groups: Collection[str],
    title: str,
    body: str,
    offered: Collection[str] = tuple(GROUPS),
) -> dict[str, str]:
    """Return every fault of a message as typed (title and body cleaned)."""
    found = {
        name: words.required(words.MESSAGE[name])
        for name, given in (
            ("recipients", bool(recipients or groups)),
            ("title", bool(title)),
            ("body", bool(body)),
        )
        if not given
    }
    if unknown := sorted(set(groups) - set(offered)):
        found["recipients"] = f"没有这个接收组：{'、'.join(unknown)}"
    for name, text, most in (("title", title, TITLE_LENGTH), ("body", body, BODY_LENGTH)):
        if len(text) > most:
            found[name] = f"{words.MESSAGE[name]} 不能超过 {most} 个字"
    return found


def snoozed_until(choice: str, now: datetime) -> datetime | None:
    """Return when a message put off by a choice of ``SNOOZES`` comes back; None for no choice."""
    here = clock.local(now)
    if choice == HOUR:
        return now + timedelta(hours=1)
    if choice not in SNOOZES:
        return None
    days = 1 if choice == TOMORROW else 7 - here.weekday()
    return datetime.combine(here.date() + timedelta(days=days), MORNING, clock.SHANGHAI)


def answer_title(prefix: str, title: str) -> str:
    """Return the title of an answer or a copy passed on; a second 回复 adds no second prefix."""
    plain = title.removeprefix(REPLY).removeprefix(FORWARD)
    return f"{prefix}{plain}"[:TITLE_LENGTH]


def quoted(sender: str, sent_at: str, body: str) -> str:
    """Return the older message as it stands below an answer."""
    return _QUOTED.format(sender=sender, sent_at=sent_at, body=body)[: BODY_LENGTH // 2]
