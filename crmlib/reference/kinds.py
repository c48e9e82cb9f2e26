"""The dictionaries the product knows, and the kinds of days."""

from enum import StrEnum


class DictKind(StrEnum):
    """One dictionary each; the value is its key in ``data.yaml`` and in the table."""

    ACTIVITY_TYPE = "activity_type"
    CLOSE_REASON = "close_reason"
    COMPETITOR = "competitor"
    CONTACT_ROLE = "contact_role"
    COUNTRY = "country"
    CUSTOMER_LEVEL = "customer_level"
    CUSTOMER_SIZE = "customer_size"
    CUSTOMER_TYPE = "customer_type"
    INDUSTRY = "industry"
    LEAD_SOURCE = "lead_source"
    LOSS_REASON = "loss_reason"
    PAYMENT_TERM = "payment_term"
    PRODUCT = "product_family"
    PROJECT_TYPE = "project_type"
    RECYCLE_REASON = "recycle_reason"
    SALES_TASK = "sales_task"
    WIN_REASON = "win_reason"


class DayKind(StrEnum):
    """What the firm says of a day: free of work, or worked."""

    REST = "rest"
    WORK = "work"
