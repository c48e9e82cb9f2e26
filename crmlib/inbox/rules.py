"""What a message must have, and the groups it may go to."""

from collections.abc import Collection

from crmlib import words
from crmlib.access.grants import Role

TITLE_LENGTH = 120
BODY_LENGTH = 5000
SENT = "消息发送成功"
# Groups by the role whose active people receive the message.
GROUPS = {role.value: words.ROLES[role.value] for role in (Role.GENERAL_OFFICE, Role.ADMIN)}


def faults(
    recipients: Collection[int], groups: Collection[str], title: str, body: str
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
    if unknown := sorted(set(groups) - set(GROUPS)):
        found["recipients"] = f"没有这个接收组：{'、'.join(unknown)}"
    for name, text, most in (("title", title, TITLE_LENGTH), ("body", body, BODY_LENGTH)):
        if len(text) > most:
            found[name] = f"{words.MESSAGE[name]} 不能超过 {most} 个字"
    return found
