"""Which rows belong to a customer: found from the tables themselves, so that none is forgotten."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, MetaData, Table, UniqueConstraint

from crmlib.customers.model import Customer
from crmlib.duplicates.model import Merge
from crmlib.store import rooms
from crmlib.store.schema import Base

CUSTOMER: str = Customer.__tablename__
# A 合并单 tells which two records were merged; it must go on telling so.
HISTORY = frozenset({(Merge.__tablename__, "survivor_id"), (Merge.__tablename__, "loser_id")})
_TYPE, _ID = "_type", "_id"
LABELS = {
    "access_request": "共享与转移申请",
    "activity": "活动",
    "affiliate_link": "关联公司",
    "attachment": "附件",
    "contact": "联系人",
    "conversion_request": "转交易申请",
    "customer": "已并入的客户",
    "customer_alias": "曾用名与旧代码",
    "customer_share": "共享",
    "duplicate_pair": "重复候选",
    "message": "消息",
    "opportunity": "商机",
    "recycled_customer": "回收记录",
    "contract_review": "合同评审",
    "order_event": "订单执行",
    "order_line": "订单明细",
    "quotation": "报价单",
    "quotation_line": "报价明细",
    "sales_order": "订单",
    "work_report_customer": "工作报告",
    "work_report_line": "工作报告明细",
    "service_ticket": "服务工单",
}


class UnhandledTable(Exception):
    """A table points at customers in a way merging cannot follow."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names rows of another table, by foreign key or as a (type, id) pair."""

    table: Table
    column: str
    type_column: str | None = None

    def points_at(self, target: str, key: int) -> ColumnElement[bool]:
        """Return the condition that a row points at this row of the target."""
        found: ColumnElement[bool] = self.table.c[self.column] == key
        return found if self.type_column is None else found & self._is_about(target)

    def points_at_any(self, target: str, keys: list[int]) -> ColumnElement[bool]:
        """Return the condition that a row points at one of these rows of the target."""
        found: ColumnElement[bool] = self.table.c[self.column].in_(keys)
        return found if self.type_column is None else found & self._is_about(target)

    def _is_about(self, target: str) -> ColumnElement[bool]:
        return self.table.c[self.type_column or ""] == target


@dataclass(frozen=True, slots=True, eq=False)
class UniqueRule:
    """A promise of the database that a re-pointed row may break.

    ``where`` limits it to some rows; ``yields`` are the values with which the loser's row gives
    way (declared as ``info={"clash": …}`` on the index), else one of the two rows must go.
    """

    columns: tuple[str, ...]
    where: Any = None
    yields: dict[str, Any] | None = None


def label(table: str) -> str:
    """Return the business word for a table."""
    return LABELS.get(table, table)


def references(target: str = CUSTOMER, metadata: MetaData | None = None) -> list[Reference]:
    """Return everything that points at rows of a table, by foreign key or (type, id) pair.

    Raises:
        UnhandledTable: such a table has no numeric key ``id`` of its own.
    """
    rooms.load(rooms.MODELS)
    return list(_pointing(target, tuple((metadata or Base.metadata).tables.values())))


@lru_cache(maxsize=100)  # asked for each clash of a merge and for each 历史 somebody opens
def _pointing(target: str, tables: tuple[Table, ...]) -> tuple[Reference, ...]:
    found = []
    for table in sorted(tables, key=lambda each: each.key):
        for reference in _of_table(table, target):
            if (table.name, reference.column) in HISTORY:
                continue
            if [column.name for column in table.primary_key] != ["id"]:
                msg = f"{table.name}.{reference.column}: merging needs a key named id"
                raise UnhandledTable(msg)
            found.append(reference)
    return tuple(found)


def _of_table(table: Table, target: str) -> list[Reference]:
    found = [
        Reference(table, column.name)
        for column in table.c
        if any(key.target_fullname == f"{target}.id" for key in column.foreign_keys)
    ]
    for column in table.c:
        kind = column.name.removesuffix(_ID) + _TYPE
        if column.name.endswith(_ID) and not column.foreign_keys and kind in table.c:
            found.append(Reference(table, column.name, kind))
    return found


def is_pair(table: Table) -> bool:
    """Say whether a row joins two customers, the lower id first."""
    return {"a_id", "b_id"} <= set(table.c.keys()) and all(
        key.target_fullname == f"{CUSTOMER}.id"
        for name in ("a_id", "b_id")
        for key in table.c[name].foreign_keys
    )


def identity(table: Table) -> set[str]:
    """Return the columns by which a row is itself: keys, unique ones, whose it is, version."""
    found = {column.name for column in table.primary_key} | {"version"}
    found |= {reference.column for reference in _of_table(table, CUSTOMER)}
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            found |= {column.name for column in constraint.columns}
    for index in table.indexes:
        if index.unique:
            found |= {column.name for column in index.columns}
    return found


def unique_rules(table: Table, column: str, dialect: str) -> list[UniqueRule]:
    """Return the uniqueness rules of a table that include a column."""
    found = [
        UniqueRule(tuple(c.name for c in rule.columns), None, rule.info.get("clash"))
        for rule in table.constraints
        if isinstance(rule, UniqueConstraint)
    ]
    found += [
        UniqueRule(
            tuple(c.name for c in index.columns),
            index.dialect_options[dialect]["where"],
            index.info.get("clash"),
        )
        for index in table.indexes
        if index.unique
    ]
    return [rule for rule in found if column in rule.columns]
