"""Rules of 销售阶段定义: what a stage must be, who signs, where deals go."""

import pytest

from crmlib.access.grants import Role
from crmlib.opportunities import stage_rules as rules
from crmlib.opportunities.stage_rules import Other, Party, Source, StageDraft, Target

OTHERS = (Other("INFO", "信息收集", 10), Other("BID", "投标", 60))
GOOD = {
    "code": "SEAL",
    "name": "封样",
    "position": 45,
    "probability": "45",
    "standard_days": 20,
    "checklist": "封样签字",
}


def faults(**changes: object) -> dict[str, str]:
    return rules.stage_faults(rules.cleaned(StageDraft(**(GOOD | changes))), OTHERS)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"code": "seal_2", "probability": "１００", "position": " 9999 "}, {}),
        ({"probability": 0, "standard_days": 999, "checklist": "", "note": ""}, {}),
        ({"code": ""}, {"code": "代码 为必录项"}),
        ({"code": "封样"}, {"code": "代码 由大写字母、数字、下划线组成，以字母开头，最多 20 位"}),
        ({"code": "A" * 21}, {"code": "代码 由大写字母、数字、下划线组成，以字母开头，最多 20 位"}),
        ({"code": "bid"}, {"code": "代码 BID 已被「投标」使用"}),
        ({"name": "  "}, {"name": "名称 为必录项"}),
        ({"name": " 投标 "}, {"name": "名称「投标」已被使用"}),
        ({"name": "长" * 21}, {"name": "名称 不能超过 20 个字"}),
        ({"position": 60}, {"position": "顺序 60 已被「投标」使用"}),
        ({"position": 0}, {"position": "顺序 应为 1 到 9999 的整数"}),
        ({"position": "4.5"}, {"position": "顺序 应为 1 到 9999 的整数"}),
        ({"position": None}, {"position": "顺序 为必录项"}),
        ({"probability": 101}, {"probability": "赢率（%） 应为 0 到 100 的整数"}),
        ({"probability": "-1"}, {"probability": "赢率（%） 应为 0 到 100 的整数"}),
        ({"standard_days": "0"}, {"standard_days": "标准天数 应为 1 到 999 的整数"}),
        ({"checklist": "长" * 61}, {"checklist": "检查项 不能超过 60 个字"}),
        (
            {"checklist": "\n".join(f"第{n}条" for n in range(21))},
            {"checklist": "检查项 不能超过 20 条"},
        ),
        ({"note": "长" * 256}, {"note": "说明 不能超过 255 个字"}),
        (
            {"code": "", "name": "投标", "position": 10, "probability": "高"},
            {
                "code": "代码 为必录项",
                "name": "名称「投标」已被使用",
                "position": "顺序 10 已被「信息收集」使用",
                "probability": "赢率（%） 应为 0 到 100 的整数",
            },
        ),
    ],
)
def test_all_faults_of_a_stage_are_told_at_once(
    changes: dict[str, object], expected: dict[str, str]
) -> None:
    assert faults(**changes) == expected


def test_check_items_are_lines_without_bullets_and_doubles() -> None:
    draft = StageDraft(checklist=" - 封样签字\n\n• 样品清单\n封样签字 \n")
    assert rules.cleaned(draft).checklist.splitlines() == ["封样签字", "样品清单"]


@pytest.mark.parametrize(
    ("role", "leads", "party"),
    [
        (Role.GENERAL_OFFICE, False, Party.GENERAL_OFFICE),
        (Role.ADMIN, False, Party.ADMIN),
        (Role.MANAGER, True, Party.REGION),
        (Role.MANAGER, False, None),
        (Role.SALES, True, None),
        (Role.CLERK, False, None),
        (Role.ANALYST, True, None),
    ],
)
def test_who_signs_for_whom(role: Role, leads: bool, party: Party | None) -> None:
    assert rules.party_of(role, leads_a_region=leads) is party


ALL = set(Party)


@pytest.mark.parametrize(
    ("party", "signed", "is_signing", "already", "refusal"),
    [
        (Party.ADMIN, set(), True, False, None),
        (Party.ADMIN, {Party.REGION}, True, False, None),
        (Party.ADMIN, {Party.ADMIN}, True, False, "信息部已会签此版本"),
        (Party.GENERAL_OFFICE, {Party.GENERAL_OFFICE}, True, True, rules.ALREADY_SIGNED),
        (Party.REGION, {Party.REGION}, True, False, None),
        (Party.REGION, {Party.REGION}, True, True, rules.ALREADY_SIGNED),
        (Party.REGION, set(), False, False, rules.NOT_SIGNING),
    ],
)
def test_each_signs_once(
    party: Party, signed: set[Party], is_signing: bool, already: bool, refusal: str | None
) -> None:
    assert rules.sign_refusal(party, signed, is_signing=is_signing, already=already) == refusal


@pytest.mark.parametrize(
    ("signed", "is_signing", "refusal"),
    [
        (set(), True, "会签未完成，还缺：综合部、信息部、区域经理"),
        (ALL - {Party.REGION}, True, "会签未完成，还缺：区域经理"),
        (ALL, False, "只有会签中的版本可以生效"),
        (ALL, True, None),
    ],
)
def test_nothing_comes_into_force_before_all_have_signed(
    signed: set[Party], is_signing: bool, refusal: str | None
) -> None:
    assert rules.force_refusal(signed, is_signing=is_signing) == refusal


SOURCES = (Source("INFO", "信息收集", 10, 4), Source("BID", "投标", 60, 3))
TARGETS = (
    Target("INFO", "信息收集", 10),
    Target("SEAL", "封样", 45),
    Target("BID", "投标", 60, disabled=True),
)


@pytest.mark.parametrize(
    ("chosen", "mapping", "faults"),
    [
        ({"BID": "SEAL"}, {"INFO": "INFO", "BID": "SEAL"}, {}),
        ({"BID": "SEAL", "INFO": "SEAL"}, {"INFO": "SEAL", "BID": "SEAL"}, {}),
        ({}, {"INFO": "INFO"}, {"BID": "请选择「投标」的 3 个进行中商机转到哪个阶段"}),
        (
            {"BID": "BID"},
            {"INFO": "INFO"},
            {"BID": "「投标」的去向 请从新版本未停用的阶段中选择"},
        ),
        (
            {"BID": "NONE"},
            {"INFO": "INFO"},
            {"BID": "「投标」的去向 请从新版本未停用的阶段中选择"},
        ),
    ],
)
def test_deals_of_a_dropped_stage_need_a_choice(
    chosen: dict[str, str], mapping: dict[str, str], faults: dict[str, str]
) -> None:
    assert rules.mapping_of(SOURCES, TARGETS, chosen) == (mapping, faults)


@pytest.mark.parametrize(
    ("code", "position", "there"),
    [
        ("INFO", 10, "INFO"),
        ("SEAL", 5, "SEAL"),
        ("BID", 60, "SEAL"),  # disabled: the last one not after its place
        ("GONE", 44, "INFO"),
        ("GONE", 5, "INFO"),
    ],
)
def test_a_deal_that_comes_back_finds_its_place(code: str, position: int, there: str) -> None:
    assert rules.successor(code, position, TARGETS) == there


def test_stages_are_numbered_in_tens() -> None:
    assert rules.renumbered(["INFO", "SEAL", "BID"]) == {"INFO": 10, "SEAL": 20, "BID": 30}
