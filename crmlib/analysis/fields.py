"""What analysts' frames hold: each column with its title in the UI, its kind and its unit."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from crmlib import words
from crmlib.orders import terms as order_terms
from crmlib.targets import labels as target_words

MONEY_TYPE = pl.Decimal(18, 2)


class Kind(StrEnum):
    """How a column comes out of the database and what it is in a frame."""

    TEXT = "文字"
    NAME = "类别"
    INT = "整数"
    FLOAT = "小数"
    BOOL = "是否"
    DATE = "日期"  # a pure date
    DAY = "日期（北京时间）"  # the day of a moment
    MOMENT = "时间（北京时间）"
    MONEY = "金额（元）"


TYPES: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.NAME: pl.Categorical(),
    Kind.INT: pl.Int64(),
    Kind.FLOAT: pl.Float64(),
    Kind.BOOL: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.DAY: pl.Date(),
    Kind.MOMENT: pl.Datetime("us"),
    Kind.MONEY: MONEY_TYPE,
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column; a ``computed`` one is no column of the database, a ``hidden`` one only serves."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    note: str = ""
    computed: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A frame: its title, which rows it has, and its columns."""

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]

    @property
    def schema(self) -> pl.Schema:
        """Return the declared schema of the frame."""
        return pl.Schema({f.name: TYPES[f.kind] for f in self.fields if not f.hidden})

    @property
    def titles(self) -> dict[str, str]:
        """Return column → Chinese title."""
        return {f.name: f.title for f in self.fields if not f.hidden}


K = Kind
_C, _O, _A, _P = words.CUSTOMER, words.OPPORTUNITY, words.ACTIVITY, words.PERSON
_CUSTOMER_ID = Field("customer_id", "客户 ID", K.INT)
_CUSTOMER = Field("customer", "客户", note="客户名称")
_OWNER = (
    Field("owner_id", "负责人 ID", K.INT),
    Field("owner", _C["owner"], K.NAME),
    Field("office_id", "部门 ID", K.INT),
    Field("office", _C["office"], K.NAME),
)
_PLACE = (
    Field("region", _C["region"], K.NAME, "如 华南"),
    Field("province", "省份", K.NAME, "如 广东"),
)
_PHONE = "无权查看联系方式时为 138****8888"

CUSTOMERS = Subject(
    "customers",
    "客户",
    "每个客户一行：潜在客户和交易客户，不含已合并和回收站",
    (
        _CUSTOMER_ID,
        Field("code", _C["code"]),
        Field("name", _C["name"]),
        Field("status", _C["status"], K.NAME, "潜在客户、交易客户"),
        Field("trading", _C["trading"], K.BOOL),
        Field("level", _C["level"], K.NAME),
        Field("industry", _C["industry"], K.NAME),
        Field("source", _C["source"], K.NAME),
        Field("customer_type", _C["customer_type"], K.NAME),
        Field("size", _C["size"], K.NAME),
        *_PLACE,
        *_OWNER,
        Field("registered_by", _C["registered_by"], K.NAME),
        Field("registered_on", _C["registered_at"], K.DAY),
        Field("phone", _C["phone"], note=_PHONE),
        Field("value_score", _C["value_score"], K.INT, "0–100"),
        Field("last_contact_on", _C["last_contact_on"], K.DATE),
        Field("last_trade_on", _C["last_trade_on"], K.DATE),
        Field("incomplete", _C["incomplete"], K.BOOL),
    ),
)
CONTACTS = Subject(
    "contacts",
    "联系人",
    "每个联系人一行，只含 customers 中的客户",
    (
        Field("contact_id", "联系人 ID", K.INT),
        _CUSTOMER_ID,
        _CUSTOMER,
        Field("name", words.CONTACT["name"]),
        Field("role", words.CONTACT["role"], K.NAME),
        Field("title", words.CONTACT["title"]),
        Field("department", words.CONTACT["department"]),
        Field("is_primary", words.CONTACT["is_primary"], K.BOOL),
        Field("active", "在职", K.BOOL),
        Field("mobile", words.CONTACT["mobile"], note=_PHONE),
        Field("phone", words.CONTACT["phone"], note=_PHONE),
    ),
)
OPPORTUNITIES = Subject(
    "opportunities",
    "商机",
    "每个商机一行，含已赢、已输和已关闭的",
    (
        Field("opportunity_id", "商机 ID", K.INT),
        Field("number", _O["number"]),
        Field("subject", _O["subject"]),
        _CUSTOMER_ID,
        _CUSTOMER,
        Field("industry", _C["industry"], K.NAME, "客户的行业"),
        *_PLACE,
        *_OWNER,
        Field("stage_code", "阶段代码", K.NAME),
        Field("stage", _O["stage"], K.NAME),
        Field("position", "阶段顺序", K.INT, "1 为第一阶段"),
        Field("standard_days", words.STAGE["standard_days"], K.INT, "天"),
        Field("stage_since", "进入阶段日期", K.DAY),
        Field("days", _O["days"], K.INT, "天，在当前阶段", computed=True),
        Field("probability", _O["probability"], K.INT, "百分数，60 即 60%"),
        Field("amount", _O["amount"], K.MONEY, "无权查看金额时为空"),
        Field("weighted", "加权金额", K.MONEY, "预计金额 × 赢率", computed=True),
        Field("sales_task", _O["sales_task"], K.NAME),
        Field("project_type", _O["project_type"], K.NAME),
        Field("source", _O["source"], K.NAME),
        Field("registered_on", _O["registered_at"], K.DAY),
        Field("expected_close", _O["expected_close"], K.DATE),
        Field("outcome", _O["outcome"], K.NAME, "进行中、赢单、输单"),
        Field("decided_on", _O["decided_on"], K.DATE),
        Field("outcome_reason", _O["outcome_reason"], K.NAME),
        Field("competitor", _O["competitor"], K.NAME, "输给谁"),
        Field("won_amount", _O["won_amount"], K.MONEY),
        Field("closed", _O["closed"], K.BOOL),
        Field("is_open", "在手", K.BOOL, "进行中且未关闭", computed=True),
        Field("stalled", "停滞", K.BOOL, "在手且停留超过标准天数", computed=True),
    ),
)
PRODUCTS = Subject(
    "opportunity_products",
    "感兴趣产品",
    "商机的每个感兴趣产品一行",
    (
        Field("opportunity_id", "商机 ID", K.INT),
        Field("product", "产品", K.NAME),
        Field("family", "产品系列", K.NAME),
    ),
)
STAYS = Subject(
    "stage_stays",
    "阶段停留",
    "商机在每个阶段的每次停留一行；首次进入、推进、退回都算",
    (
        Field("opportunity_id", "商机 ID", K.INT),
        Field("stage_code", "阶段代码", K.NAME),
        Field("stage", _O["stage"], K.NAME),
        Field("position", "阶段顺序", K.INT),
        Field("standard_days", words.STAGE["standard_days"], K.INT, "天"),
        Field("entered_on", "进入日期", K.DAY),
        Field("next_on", "下一阶段", K.DAY, hidden=True),
        Field("decided_on", _O["decided_on"], K.DATE, hidden=True),
        Field("left_on", "离开日期", K.DATE, "空：仍在此阶段", computed=True),
        Field("days", _O["days"], K.INT, "天；空：仍在此阶段", computed=True),
    ),
)
ACTIVITIES = Subject(
    "activities",
    "活动",
    "每个活动一行，计划的和完成的；activities(since=…) 只取该日及以后创建的",
    (
        Field("activity_id", "活动 ID", K.INT),
        Field("number", _A["number"]),
        Field("subject", _A["subject"]),
        Field("activity_type", _A["activity_type"], K.NAME, "如 电话、拜访"),
        _CUSTOMER_ID,
        _CUSTOMER,
        Field("opportunity_id", "商机 ID", K.INT, "空：与商机无关"),
        Field("stage_code", "阶段代码", K.NAME),
        Field("stage", _A["stage"], K.NAME, "活动发生时商机的阶段"),
        Field("status", _A["status"], K.NAME, "未开始、已开始、已完成"),
        Field("importance", _A["importance"], K.NAME),
        Field("priority", _A["priority"], K.NAME),
        Field("planned_start", _A["planned_start"], K.MOMENT),
        Field("planned_end", _A["planned_end"], K.MOMENT),
        Field("started_at", _A["started_at"], K.MOMENT),
        Field("ended_at", _A["ended_at"], K.MOMENT),
        Field("created_on", _A["created_at"], K.DAY),
        *_OWNER,
    ),
)
DUPLICATES = Subject(
    "duplicates",
    "重复候选",
    "每对可能重复的客户一行；没有重复候选权限的读者得到空表",
    (
        Field("pair_id", "候选 ID", K.INT),
        Field("a_id", "客户甲 ID", K.INT),
        Field("a_name", "客户甲"),
        Field("b_id", "客户乙 ID", K.INT),
        Field("b_name", "客户乙"),
        Field("same", "相似度", K.FLOAT, "0–1"),
        Field("related", "关联度", K.FLOAT, "0–1"),
        Field("source", "发现方式", K.NAME, "批量扫描、录入、导入、人工"),
        Field("channel", "客户来源", K.NAME, "后登记一方的来源"),
        Field("status", "状态", K.NAME, "待审、已合并、不是重复、关联公司、暂缓"),
        Field("found_on", "发现日期", K.DAY),
        Field("decided_on", "处理日期", K.DAY),
    ),
)
PEOPLE = Subject(
    "people",
    "人员",
    "每个帐号一行，含离职；不含联系方式",
    (
        Field("person_id", "人员 ID", K.INT),
        Field("seller_code", _P["seller_code"]),
        Field("name", _P["name"], K.NAME),
        Field("role", _P["role"], K.NAME),
        Field("office_id", "部门 ID", K.INT),
        Field("office", _P["office"], K.NAME),
        Field("reports_to_id", "上级 ID", K.INT),
        Field("reports_to", _P["reports_to"], K.NAME),
        Field("active", "在用", K.BOOL),
        Field("joined_on", _P["joined_on"], K.DATE),
        Field("left_on", _P["left_on"], K.DATE),
    ),
)
OFFICES = Subject(
    "offices",
    "部门",
    "每个办事处或部门一行",
    (
        Field("office_id", "部门 ID", K.INT),
        Field("office", "部门", K.NAME),
        Field("parent", "上级部门", K.NAME),
        Field("region", _C["region"], K.NAME),
        Field("head", "负责人", K.NAME),
    ),
)
STAGES = Subject(
    "stages",
    "销售阶段",
    "销售阶段定义的每个阶段一行，含失效版本",
    (
        Field("stage_id", "阶段 ID", K.INT),
        Field("stage_code", "阶段代码", K.NAME),
        Field("stage", _O["stage"], K.NAME),
        Field("position", "阶段顺序", K.INT),
        Field("probability", words.STAGE["probability"], K.INT, "百分数"),
        Field("standard_days", words.STAGE["standard_days"], K.INT, "天"),
        Field("process", words.STAGE_SET["name"], K.NAME),
        Field("set_status", words.STAGE_SET["status"], K.NAME, "草稿、会签中、生效、失效"),
    ),
)
_Q, _R, _T = words.QUOTE, order_terms.ORDER, target_words.TARGET
ORDERS = Subject(
    "orders",
    "订单",
    "每张 ERP 订单一行，含已取消的",
    (
        Field("order_id", "订单 ID", K.INT),
        Field("number", _R["number"]),
        _CUSTOMER_ID,
        _CUSTOMER,
        Field("industry", _C["industry"], K.NAME, "客户的行业"),
        *_PLACE,
        *_OWNER,  # of the customer
        Field("opportunity_id", "商机 ID", K.INT, "空：没有对应的商机"),
        Field("ordered_on", _R["ordered_on"], K.DATE),
        Field("due_on", _R["due_on"], K.DATE),
        Field("amount", _R["amount"], K.MONEY),
        Field(
            "status", _R["status"], K.NAME, "已录入、生产/备货、部分发货、全部发货、已完成、已取消"
        ),
        Field("source", _R["source"], K.NAME, "手工录入、导入、接口"),
    ),
)
QUOTES = Subject(
    "quotes",
    "报价单",
    "报价单的每个版本一行；没有报价权限的读者得到空表",
    (
        Field("quote_id", "报价单 ID", K.INT),
        Field("number", _Q["number"]),
        Field("revision", _Q["revision"], K.INT),
        Field("opportunity_id", "商机 ID", K.INT),
        _CUSTOMER_ID,
        _CUSTOMER,
        *_OWNER,
        Field("status", _Q["status"], K.NAME, "草稿、待批、已批、已发、被接受、作废"),
        Field("amount", _Q["total"], K.MONEY),
        Field("payment_term", _Q["payment_term"], K.NAME),
        Field("valid_until", _Q["valid_until"], K.DATE),
        Field("created_on", "编制日期", K.DAY),
        Field("decided_on", "审批日期", K.DAY),
        Field("sent_on", "发出日期", K.DAY),
        Field("accepted_on", "接受日期", K.DAY),
    ),
)
TARGETS = Subject(
    "targets",
    "目标",
    "已下达的目标每个期间一行；年、季、月各自独立，季度没有单独设时按月合计",
    (
        Field("target_id", "目标 ID", K.INT),
        Field("kind", _T["kind"], K.NAME, "年度、季度、月度"),
        Field("starts_on", "期间开始", K.DATE),
        Field("person_id", "人员 ID", K.INT, "空：部门的目标"),
        Field("person", _T["person"], K.NAME),
        Field("office_id", "部门 ID", K.INT, "空：业务员的目标"),
        Field("office", _T["office"], K.NAME),
        Field("sales", _T["sales"], K.MONEY),
        Field("customers", _T["customers"], K.INT),
        Field("satisfaction", _T["satisfaction"], K.FLOAT, "1–5 分"),
    ),
)
SUBJECTS: dict[str, Subject] = {
    subject.name: subject
    for subject in (
        CUSTOMERS,
        CONTACTS,
        OPPORTUNITIES,
        PRODUCTS,
        STAYS,
        ACTIVITIES,
        ORDERS,
        QUOTES,
        TARGETS,
        DUPLICATES,
        PEOPLE,
        OFFICES,
        STAGES,
    )
}


def handbook() -> str:
    """Return the columns of all frames as Markdown, for the guide."""
    parts = []
    for subject in SUBJECTS.values():
        lines = [f"### `{subject.name}()` {subject.title}", "", f"{subject.about}。", ""]
        lines += ["| 列 | 标题 | 类型 | 说明 |", "|---|---|---|---|"]
        lines += [
            f"| `{f.name}` | {f.title} | {f.kind.value} | {f.note} |"
            for f in subject.fields
            if not f.hidden
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
