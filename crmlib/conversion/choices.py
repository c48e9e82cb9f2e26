"""Choices of forms and filters about conversions."""

from collections.abc import Sequence

from crmlib import words
from crmlib.access.grants import Role
from crmlib.conversion.queries import RequestTemplate
from crmlib.ui.options import Option

OVERDUE = "overdue"
STATUSES = ((OVERDUE, "已逾期"), *words.REQUEST_STATUS.items())
_GROUP, _PERSON = "group", "person"
EVERYBODY = f"{_GROUP}:{Role.GENERAL_OFFICE.value}"


def receivers(template: RequestTemplate) -> list[Option]:
    """Return to whom a request may go: all of 综合部, or some of them."""
    return [
        Option(EVERYBODY, template.recipients_label, "接收组"),
        *(Option(f"{_PERSON}:{key}", name, office) for key, name, office in template.people),
    ]


def parted(chosen: Sequence[str]) -> tuple[list[int], list[str]]:
    """Return people (ids) and groups out of chosen ``receivers``."""
    pairs = [value.split(":", 1) for value in chosen]
    return (
        [int(key) for kind, key in pairs if kind == _PERSON],
        [key for kind, key in pairs if kind == _GROUP],
    )
