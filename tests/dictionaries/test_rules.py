"""Rules of dictionaries: who keeps which, names, codes, what may be deleted."""

import pytest

from crmlib.access.grants import Role
from crmlib.dictionaries import rules
from crmlib.dictionaries.rules import Known
from crmlib.reference.kinds import DictKind

PRODUCTS = (Known("P1", "门窗五金", None), Known("P1-01", "执手", "P1"), Known("P2", "护栏", None))


@pytest.mark.parametrize(
    ("role", "count"),
    [
        (Role.ADMIN, len(DictKind)),
        (Role.GENERAL_OFFICE, 8),
        (Role.MANAGER, 0),
        (Role.SALES, 0),
        (Role.CLERK, 0),
        (Role.ANALYST, 0),
    ],
)
def test_who_keeps_how_many(role: Role, count: int) -> None:
    assert len(rules.kinds_of(role)) == count


@pytest.mark.parametrize(
    ("codes", "parent", "code"),
    [
        (set(), None, "U01"),
        ({"01", "12", "U01", "U02"}, None, "U03"),
        ({"P1-01"}, "P1", "P1-U01"),
        ({"P1-U01", "U01"}, "P1", "P1-U02"),
    ],
)
def test_own_codes_never_meet_those_of_the_product(
    codes: set[str], parent: str | None, code: str
) -> None:
    assert rules.next_code(codes, parent) == code


@pytest.mark.parametrize(
    ("kind", "name", "parent", "fault"),
    [
        (DictKind.INDUSTRY, "医院", None, None),
        (DictKind.INDUSTRY, "总包/施工单位", None, None),
        (DictKind.INDUSTRY, "", None, "名称 为必录项"),
        (DictKind.INDUSTRY, "长" * 61, None, "名称 不能超过 60 个字"),
        (DictKind.PRODUCT, "执手", "P1", "名称「执手」已存在"),
        (DictKind.PRODUCT, "执手", "P2", None),
        (DictKind.PRODUCT, "立柱/扶手", "P2", "名称 不能含有 、 ， , ； ; / |"),
    ],
)
def test_names(kind: DictKind, name: str, parent: str | None, fault: str | None) -> None:
    assert rules.name_fault(kind, name, parent, PRODUCTS) == fault


@pytest.mark.parametrize(
    ("kind", "parent", "is_right"),
    [
        (DictKind.PRODUCT, None, True),
        (DictKind.PRODUCT, "P2", True),
        (DictKind.PRODUCT, "P1-01", False),
        (DictKind.PRODUCT, "P9", False),
        (DictKind.INDUSTRY, "P1", False),
    ],
)
def test_only_products_stand_in_groups(kind: DictKind, parent: str | None, is_right: bool) -> None:
    assert (rules.parent_fault(kind, parent, PRODUCTS) is None) is is_right


@pytest.mark.parametrize(
    ("shipped", "children", "used", "refusal"),
    [
        (False, False, 0, None),
        (True, False, 0, "「甲」是系统内置条目，不能删除，只能停用"),
        (False, True, 0, "「甲」下面还有产品，不能删除"),
        (False, False, 3, "「甲」已被 3 条记录使用，不能删除，只能停用"),
    ],
)
def test_what_may_be_deleted(shipped: bool, children: bool, used: int, refusal: str | None) -> None:
    assert rules.delete_refusal("甲", shipped=shipped, children=children, used=used) == refusal
