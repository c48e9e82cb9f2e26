"""What the menu of a workspace offers to whom."""

from dataclasses import dataclass

from crmlib.access.actor import Actor
from crmlib.access.grants import WORKSPACES, Permission
from crmlib.words import WORKSPACES as WORKSPACE_NAMES

HOME = "home"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in a menu; shown to those who hold the permission for any row."""

    page: str
    label: str
    permission: Permission = Permission.MESSAGE_USE


P = Permission
_HOME = ("", (Entry(HOME, "信息中心"),))
_CUSTOMERS = Entry("customers", "客户—维护", P.CUSTOMER_VIEW)
_BIN = Entry("recycle_bin", "回收站", P.CUSTOMER_RECYCLE)
_UNASSIGNED = Entry("unassigned", "待分配", P.CUSTOMER_ASSIGN)
MENUS: dict[str, tuple[tuple[str, tuple[Entry, ...]], ...]] = {
    "entry": (
        _HOME,
        (
            "客户管理",
            (
                Entry("collide", "撞单分析", P.COLLISION_CHECK),
                _CUSTOMERS,
                Entry("customer_new", "客户—新增", P.CUSTOMER_CREATE),
                _UNASSIGNED,
                Entry("requests", "客户申请", P.ACCESS_REQUEST),
                _BIN,
            ),
        ),
        (
            "商业机会",
            (
                Entry("opportunities", "商机维护", P.OPPORTUNITY_VIEW),
                Entry("opportunity_new", "商机—新增", P.OPPORTUNITY_CREATE),
            ),
        ),
        ("消息", (Entry("message_new", "发送消息"),)),
    ),
    "funnel": (
        ("", (Entry("funnel", "销售漏斗", P.FUNNEL_VIEW), _UNASSIGNED)),
        (
            "数据治理",
            (
                Entry("duplicate_board", "重复候选看板", P.DUPLICATE_VIEW),
                Entry("review", "重复候选", P.DUPLICATE_VIEW),
                Entry("conversion_board", "转交易看板", P.CONVERSION_BOARD),
            ),
        ),
    ),
    "admin": (
        _HOME,
        (
            "数据治理",
            (
                Entry("duplicate_board", "重复候选看板", P.DUPLICATE_VIEW),
                Entry("review", "重复候选", P.DUPLICATE_VIEW),
                Entry("merges", "合并单", P.DUPLICATE_VIEW),
                Entry("conversion_board", "转交易看板", P.CONVERSION_BOARD),
                Entry("conversions", "转交易", P.CONVERSION_UNDO),
                Entry("requests", "客户申请", P.CUSTOMER_SHARE),
                Entry("collision_log", "撞单查询记录", P.COLLISION_LOG),
                Entry("collision_settings", "撞单参数", P.COLLISION_TUNE),
                _CUSTOMERS,
                _BIN,
            ),
        ),
        (
            "系统",
            (
                Entry("imports", "数据导入", P.CUSTOMER_IMPORT),
                Entry("people", "业务员管理", P.PERSON_MANAGE),
                Entry("audit", "操作日志", P.AUDIT_VIEW),
                Entry("api_tokens", "接口令牌", P.API_MANAGE),
                Entry("webhooks", "变更推送", P.API_MANAGE),
            ),
        ),
    ),
}
ELSEWHERE = "切换"
ACCOUNT = ("帐号", [{"page": "", "label": "修改密码", "href": "/password"}])


def menu(actor: Actor, workspace: str) -> list[dict[str, object]]:
    """Return the groups with their items, last the ways out of the workspace."""
    groups = [
        _group(name, [_item(workspace, e) for e in entries if actor.may(e.permission)])
        for name, entries in MENUS[workspace]
    ]
    others = [
        {"page": "", "label": WORKSPACE_NAMES[name], "href": f"/{name}/"}
        for name, roles in WORKSPACES.items()
        if actor.role in roles and name != workspace
    ]
    groups += [_group(ELSEWHERE, others), _group(*ACCOUNT)]
    return [g for g in groups if g["items"]]


def _group(name: str, items: list[dict[str, str]]) -> dict[str, object]:
    return {"group": name, "items": items}


def _item(workspace: str, entry: Entry) -> dict[str, str]:
    return {
        "page": entry.page,
        "label": entry.label,
        "href": f"/{workspace}/?page={entry.page}",
    }
