"""Errors a user may meet; every message is Chinese and fit to be read.

CrmError
├── Invalid      one or more fields are wrong (``faults``: field → message)
├── NotAllowed   the person may not do this, or may not see the record
├── Stale        somebody else changed the record meanwhile
├── Refused      the state of the record forbids the step
└── SignInFailed sign-in refused
"""

from collections.abc import Mapping


class CrmError(Exception):
    """Base of all errors whose message a user may read."""

    message = "操作未成功，请重试"

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.message
        super().__init__(self.message)


class Invalid(CrmError):
    """Input is wrong: all faults at once, keyed by field name ("" = whole form)."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__("；".join(self.faults.values()))


class NotAllowed(CrmError):
    """The person may not do this."""

    message = "您没有权限执行此操作"


class Stale(CrmError):
    """The record changed after the form was opened."""

    message = "数据已被他人修改，请刷新"


class Refused(CrmError):
    """The state of the record forbids the step."""


class SignInFailed(CrmError):
    """Sign-in refused; never says which part was wrong."""

    message = "单位简称、登录名或密码错误"
