"""Which titles of a list mean which field, for each kind of list."""

import hashlib
import re
from collections.abc import Mapping, Sequence

from crmlib import words
from crmlib.exchange.model import ImportKind
from crmlib.orders import terms as order_terms
from crmlib.store.text import half_width

HEAD_WITHIN = 30  # rows above the titles: a heading, the day of the export, blank ones
_LEAST_TITLES = 2
_C, _O = words.CUSTOMER, words.OPPORTUNITY
_WHOSE = {"customer": _C["name"], "customer_code": _C["code"]}
_CONTACT = {f"contact_{name}": f"联系人{label}" for name, label in words.CONTACT.items()}
_CONTACT |= {
    "contact_name": "联系人",
    "contact_role": words.CONTACT["role"],
    "contact_mobile": words.CONTACT["mobile"],
}
_CUSTOMER = (
    "code", "name", "level", "owner", "office", "registered_at", "email", "phone", "fax", "country",
    "industry", "region", "website", "address", "registered_by", "trading", "short_name", "uscc",
    "customer_type", "source", "size", "remark", "erp_code",
)  # fmt: skip
_FIRST_CONTACT = (
    "contact_name", "contact_role", "contact_mobile", "contact_title", "contact_department",
    "contact_phone", "contact_email", "contact_wechat",
)  # fmt: skip
_OPPORTUNITY = (
    "project_name", "project_type", "site_address", "products", "sales_task", "amount",
    "expected_close", "probability", "source", "owner", "office", "stage", "outcome",
)  # fmt: skip
# Field → our own title, in the order in which the page offers them.
LABELS: Mapping[ImportKind, Mapping[str, str]] = {
    ImportKind.CUSTOMERS: {n: _C[n] for n in _CUSTOMER} | {n: _CONTACT[n] for n in _FIRST_CONTACT},
    ImportKind.CONTACTS: _WHOSE | words.CONTACT,
    ImportKind.OPPORTUNITIES: {"number": "商机编号", "subject": _O["subject"]}
    | _WHOSE
    | {"contact": _O["contact"]}
    | {n: _O[n] for n in _OPPORTUNITY}
    | {"decided_on": "成交日期", "registered_by": _O["registered_by"]}
    | {"registered_at": _O["registered_at"]},
    ImportKind.ACTIVITIES: words.IMPORT_ACTIVITY,
    ImportKind.ORDERS: order_terms.IMPORT_ORDER,
}
# One of each group must have a column.
NEEDED: Mapping[ImportKind, tuple[tuple[str, ...], ...]] = {
    ImportKind.CUSTOMERS: (("name",),),
    ImportKind.CONTACTS: (("customer", "customer_code"), ("name",)),
    ImportKind.OPPORTUNITIES: (("customer", "customer_code"), ("project_name",)),
    ImportKind.ACTIVITIES: (("customer", "customer_code"), ("subject",)),
    # A list of what was done to orders that are there names no customers.
    ImportKind.ORDERS: (("number",), ("customer", "customer_code", "event_kind")),
}
_PEOPLE = {
    "owner": ("业务员", "专营业务员", "销售员"),
    "office": ("部门", "所属部门", "办事处", "分管部门"),
    "registered_at": ("登记时间", "创建日期", "建档日期", "创建时间"),
    "registered_by": ("创建人", "建档人"),
}
_CUSTOMER_NAMES = ("客户", "公司名称", "单位名称", "客户全称")
_CUSTOMER_CODES = ("代码", "客户编码", "客户编号")
_MOBILE = ("移动电话", "手机", "手机号码", "手机号")
_EMAIL = ("EMAIL", "E-MAIL", "邮箱", "电子邮件", "邮件地址")
# Titles other programs use beside our own.
_OTHERS: Mapping[ImportKind, Mapping[str, tuple[str, ...]]] = {
    ImportKind.CUSTOMERS: _PEOPLE
    | {
        "code": _CUSTOMER_CODES,
        "name": ("名称", *_CUSTOMER_NAMES[1:]),
        "level": ("级别",),
        "email": _EMAIL,
        "phone": ("公司电话", "联系电话", "固定电话"),
        "region": ("地区", "所属区域"),
        "industry": ("所属行业",),
        "website": ("网址", "网站"),
        "address": ("公司地址", "详细地址"),
        "trading": ("是否交易客户",),
        "uscc": ("税号", "信用代码"),
        "contact_name": ("联系人", "主联系人", "联系人姓名"),
        "contact_role": ("人员角色", "联系人角色"),
        "contact_mobile": _MOBILE,
        "contact_title": ("职务",),
        "contact_wechat": ("微信",),
    },
    ImportKind.CONTACTS: {
        "customer": _CUSTOMER_NAMES,
        "customer_code": _CUSTOMER_CODES,
        "name": ("联系人", "联系人姓名"),
        "role": ("角色", "联系人角色"),
        "mobile": _MOBILE,
        "phone": ("电话", "固定电话", "座机"),
        "email": _EMAIL,
        "wechat": ("微信号",),
        "title": ("职位",),
        "is_primary": ("是否主联系人",),
    },
    ImportKind.OPPORTUNITIES: _PEOPLE
    | {
        "number": ("编号",),
        "customer": _CUSTOMER_NAMES,
        "customer_code": _CUSTOMER_CODES,
        "contact": ("联系人",),
        "project_name": ("项目", "工程名称"),
        "products": ("产品", "感兴趣的产品"),
        "amount": ("金额", "预计金额(元)"),
        "expected_close": ("预计成交", "预计签约日期"),
        "stage": ("阶段",),
        "decided_on": ("结单日期",),
    },
    ImportKind.ACTIVITIES: _PEOPLE
    | {
        "number": ("编号",),
        "customer": _CUSTOMER_NAMES,
        "customer_code": _CUSTOMER_CODES,
        "contact": ("主联系人",),
        "activity_type": ("类型",),
        "subject": ("活动主题",),
        "opportunity": ("商机",),
        "owner": (*_PEOPLE["owner"], "执行人"),
        "ended_at": ("完成时间", "结束时间"),
        "planned_start": ("开始时间",),
    },
    ImportKind.ORDERS: {
        "number": ("订单号", "订单编号", "销售订单号", "ERP订单号", "单据编号"),
        "customer": _CUSTOMER_NAMES,
        "customer_code": _CUSTOMER_CODES,
        "opportunity": ("商机",),
        "ordered_on": ("下单日期", "单据日期", "日期"),
        "due_on": ("交期", "要货日期", "计划交货日期"),
        "amount": ("金额", "总金额", "价税合计"),
        "stated": ("状态", "订单状态", "单据状态"),
        "line_product": ("产品名称", "物料名称", "商品名称"),
        "line_specification": ("规格型号", "型号"),
        "line_quantity": ("订货数量",),
        "line_price": ("含税单价",),
        "line_amount": ("行金额", "小计"),
        "event_kind": ("事件类型", "事件"),
        "event_happened_on": ("事件日期",),
        "event_quantity": ("事件数量",),
    },
}
# Columns of our own list of faults: a corrected one comes back with them.
OURS = frozenset({"原因", "行号"})


def plain_title(cell: object) -> str:
    """Return a title as titles are compared: no blanks, marks or units."""
    return re.sub(r"[\s*:]|\(.*?\)", "", half_width(cell)).upper()


def field_titles(kind: ImportKind) -> dict[str, str]:
    """Return plain title → field; our own labels win over other programs'."""
    known = {plain_title(t): f for f, others in _OTHERS[kind].items() for t in others}
    return known | {plain_title(label): field for field, label in LABELS[kind].items()}


def guess(kind: ImportKind, titles: Sequence[object]) -> dict[int, str]:
    """Return column → field as far as the titles tell; a field is taken by its first column."""
    known, found = field_titles(kind), dict[int, str]()
    for place, title in enumerate(titles):
        field = known.get(plain_title(title))
        if field and field not in found.values():
            found[place] = field
    return found


def missing(kind: ImportKind, fields: set[str]) -> list[str]:
    """Return the titles without which a list of this kind cannot come in."""
    lacking = [group for group in NEEDED[kind] if not fields & set(group)]
    return [" / ".join(LABELS[kind][name] for name in group) for group in lacking]


def is_head(kind: ImportKind, row: Sequence[object]) -> bool:
    """Say whether a row holds the titles of such a list."""
    found = guess(kind, row)
    return len(found) >= _LEAST_TITLES and not missing(kind, set(found.values()))


def find_head(kind: ImportKind, rows: Sequence[Sequence[object]]) -> int | None:
    """Return the place of the titles; of the first row that looks like titles if none is known."""
    near = rows[:HEAD_WITHIN]
    for place, row in enumerate(near):
        if is_head(kind, row):
            return place
    for place, row in enumerate(near):
        if sum(isinstance(cell, str) and bool(cell.strip()) for cell in row) >= _LEAST_TITLES:
            return place
    return None


def title_key(titles: Sequence[object]) -> str:
    """Return what names this set of titles, whatever their order."""
    plain = sorted({plain_title(title) for title in titles} - {"", *OURS})
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()


def label(kind: ImportKind, field: str) -> str:
    """Return the Chinese name of a field."""
    return LABELS[kind].get(field, field)
