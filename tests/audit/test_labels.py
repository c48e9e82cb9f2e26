"""Everything the change log may name has a Chinese word."""

import pytest

from crmlib.audit.labels import CHOICES, HIDDEN, TABLES, column_label
from crmlib.audit.steps import step_label
from crmlib.audit.texts import NAMES
from crmlib.store import rooms
from crmlib.store.schema import Base

rooms.load(rooms.MODELS)
LOGGED = sorted(m.class_.__tablename__ for m in Base.registry.mappers if m.class_.logged)


@pytest.mark.parametrize("table", LOGGED)
def test_every_logged_column_has_a_word_or_is_left_out_on_purpose(table: str) -> None:
    assert table in TABLES, "name the table in crmlib/audit/labels.py"
    secret = {m.class_.__tablename__: m.class_.secret for m in Base.registry.mappers}[table]
    nameless = [
        column.name
        for column in Base.metadata.tables[table].c
        if column_label(table, column.name) is None and column.name not in HIDDEN | secret
    ]
    assert not nameless, "name them in FIELDS or HIDDEN of crmlib/audit/labels.py"


def test_every_choice_of_a_column_has_a_word() -> None:
    for table in LOGGED:
        for column in Base.metadata.tables[table].c:
            values = getattr(column.type, "enums", None)
            if values and column_label(table, column.name):
                assert set(values) <= set(CHOICES[(table, column.name)]), (table, column.name)


def test_named_columns_exist() -> None:
    for table, column in NAMES.items():
        assert column in Base.metadata.tables[table].c


def test_a_step_nobody_named_is_told_by_what_it_did() -> None:
    assert step_label("edit_customer", "update", "customer") == "修改客户"
    assert step_label("some_new_step", "delete", "contact") == "删除联系人"
    assert step_label("some_new_step", "refused", "permission") == "被拒绝：无权操作"
    assert step_label("merge", "refused", "permission") == "被拒绝：合并客户"
