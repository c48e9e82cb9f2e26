"""The kinds and states of work reports."""

from enum import StrEnum


class ReportKind(StrEnum):
    """周计划, 日总结."""

    PLAN = "plan"
    SUMMARY = "summary"


class ReportStatus(StrEnum):
    """草稿, 已提交, 已阅."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    READ = "read"


class LineKind(StrEnum):
    """What was done on the day, what is planned for the next one, what the week shall bring."""

    DONE = "done"
    TOMORROW = "tomorrow"
    PLAN = "plan"


# The kind of the lines a report plans with.
PLANS = {ReportKind.SUMMARY: LineKind.TOMORROW, ReportKind.PLAN: LineKind.PLAN}
