"""What the menu of a workspace offers to whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from crmlib.access.actor import Actor
from crmlib.access.grants import REPORTS, WORKSPACES, Permission
from crmlib.analysis.catalogue import Report
from crmlib.words import WORKSPACES as WORKSPACE_NAMES

HOME = "home"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in a menu; shown to those who hold the permission for any row."""

    page: str
    label: str
    permission: Permission = Permission.MESSAGE_USE
    carries: bool = False  # a dashboard: filters of the one before come along (ui/filters.COMMON)


P = Permission
_HOME = ("", (Entry(HOME, "信息中心"),))
_CUSTOMERS = Entry("customers", "客户—维护", P.CUSTOMER_VIEW)
_CONTACTS = Entry("contacts", "联系人—维护", P.CUSTOMER_VIEW)
_BIN = Entry("recycle_bin", "回收站", P.CUSTOMER_RECYCLE)
_QUOTES = Entry("quotes", "报价单", P.QUOTE_VIEW)
_UNASSIGNED = Entry("unassigned", "待分配", P.CUSTOMER_ASSIGN)
_REPORTS = Entry("work_reports", "报告列表", P.REPORT_VIEW)
_BOARD = Entry("report_board", "报告提交情况", P.REPORT_BOARD, carries=True)
_STAGES = Entry("stage_sets", "销售阶段定义", P.STAGE_SIGN)
_ORDERS = Entry("orders", "订单执行情况", P.ORDER_VIEW)
_REVIEWS = Entry("contract_reviews", "合同评审", P.OPPORTUNITY_AMOUNT)
_DUPLICATES = Entry("duplicate_board", "重复候选看板", P.DUPLICATE_VIEW, carries=True)
_CONVERSIONS = Entry("conversion_board", "转交易看板", P.CONVERSION_BOARD, carries=True)
_FORECAST = Entry("forecast", "销售预测", P.FUNNEL_VIEW, carries=True)
_TICKETS = Entry("tickets", "服务工单", P.TICKET_VIEW)
_ATTAINMENT = Entry("attainment", "目标达成", P.TARGET_VIEW, carries=True)
_CUSTOMER_MIX = Entry("customer_analysis", "客户分析", P.CUSTOMER_VIEW, carries=True)
_TARGETS = Entry("targets", "目标设定", P.TARGET_VIEW)
_WIN_LOSS = Entry("win_loss", "输赢分析", P.FUNNEL_VIEW, carries=True)
_ACTIVITY_BOARD = Entry("activity_board", "活动看板", P.ACTIVITY_VIEW, carries=True)
_FOLLOW_UP = Entry("follow_up", "业务员销售跟进", P.PERSON_VIEW, carries=True)
_KPI = Entry("kpi", "绩效指标", P.FUNNEL_VIEW, carries=True)
# For those whose only workspace is the funnel.
_INBOX = ("消息", (Entry(HOME, "信息中心"), Entry("message_new", "发送消息")))
MENUS: dict[str, tuple[tuple[str, tuple[Entry, ...]], ...]] = {
    "entry": (
        _HOME,
        (
            "客户管理",
            (
                Entry("collide", "撞单分析", P.COLLISION_CHECK),
                _CUSTOMERS,
                Entry("customer_new", "客户—新增", P.CUSTOMER_CREATE),
                _CONTACTS,
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
                _QUOTES,
            ),
        ),
        (
            "活动管理",
            (
                Entry("activities", "活动维护", P.ACTIVITY_VIEW),
                Entry("activity_new", "活动新增", P.ACTIVITY_CREATE),
                Entry("activity_calendar", "活动日历", P.ACTIVITY_VIEW),
            ),
        ),
        (
            "工作报告",
            (
                Entry("daily_summary", "每日总结", P.REPORT_WRITE),
                Entry("weekly_plan", "每周计划", P.REPORT_WRITE),
                _REPORTS,
            ),
        ),
        ("订单与服务", (_ORDERS, _REVIEWS, _TICKETS)),
        ("消息", (Entry("message_new", "发送消息"),)),
    ),
    "funnel": (
        ("", (Entry("funnel", "销售漏斗", P.FUNNEL_VIEW, carries=True), _QUOTES, _UNASSIGNED)),
        (
            "看板",
            (
                _FORECAST,
                _ACTIVITY_BOARD,
                _FOLLOW_UP,
                _WIN_LOSS,
                _CUSTOMER_MIX,
                _ATTAINMENT,
                _KPI,
                _TARGETS,
            ),
        ),
        (
            "数据治理",
            (
                _DUPLICATES,
                Entry("review", "重复候选", P.DUPLICATE_VIEW),
                _CONVERSIONS,
            ),
        ),
        ("工作报告", (_BOARD, Entry("work_reports", "报告批注", P.REPORT_REVIEW))),
        ("订单与服务", (_ORDERS,)),
        ("业务资料", (_STAGES,)),
    ),
    "admin": (
        _HOME,
        (
            "看板",
            (
                _ACTIVITY_BOARD,
                _FOLLOW_UP,
                _WIN_LOSS,
                _CUSTOMER_MIX,
                _ATTAINMENT,
                _KPI,
                _TARGETS,
            ),
        ),
        (
            "数据治理",
            (
                _DUPLICATES,
                Entry("review", "重复候选", P.DUPLICATE_VIEW),
                Entry("merges", "合并单", P.DUPLICATE_VIEW),
                _CONVERSIONS,
                Entry("conversions", "转交易", P.CONVERSION_UNDO),
                Entry("requests", "客户申请", P.CUSTOMER_SHARE),
                Entry("collision_log", "撞单查询记录", P.COLLISION_LOG),
                Entry("collision_settings", "撞单参数", P.COLLISION_TUNE),
                _CUSTOMERS,
                _CONTACTS,
                _BIN,
            ),
        ),
        (
            "业务资料",
            (_STAGES, Entry("dictionaries", "字典", P.DICTIONARY_EDIT)),
        ),
        ("工作报告", (_BOARD, _REPORTS)),
        ("订单与服务", (_ORDERS, _REVIEWS, _TICKETS)),
        (
            "系统",
            (
                Entry("imports", "数据导入", P.CUSTOMER_IMPORT),
                Entry("people", "业务员管理", P.PERSON_MANAGE),
                Entry("workdays", "工作日历", P.CALENDAR_KEEP),
                Entry("report_settings", "报告参数", P.REPORT_SETTINGS),
                Entry("deal_settings", "商机参数", P.OPPORTUNITY_SETTINGS),
                Entry("audit", "操作日志", P.AUDIT_VIEW),
                Entry("api_tokens", "接口令牌", P.API_MANAGE),
                Entry("webhooks", "变更推送", P.API_MANAGE),
            ),
        ),
    ),
}
ELSEWHERE, ANALYSIS = "切换", "分析报表"
ACCOUNT = ("帐号", [{"page": "", "label": "修改密码", "href": "/password"}])


def menu(actor: Actor, workspace: str, reports: Iterable[Report] = ()) -> list[dict[str, object]]:
    """Return the groups with their items, last the ways out of the workspace."""
    groups = [
        _group(name, [_item(workspace, e) for e in entries if actor.may(e.permission)])
        for name, entries in (*MENUS[workspace], *((_INBOX,) if _has_no_inbox(actor) else ()))
    ]
    others = [
        {"page": "", "label": WORKSPACE_NAMES[name], "href": f"/{name}/"}
        for name, roles in WORKSPACES.items()
        if actor.role in roles and name != workspace
    ]
    if actor.may(P.ANALYSIS_RUN):
        groups.append(_group(ANALYSIS, [_report(report) for report in reports]))
    groups += [_group(ELSEWHERE, others), _group(*ACCOUNT)]
    return [g for g in groups if g["items"]]


def _has_no_inbox(actor: Actor) -> bool:
    return not any(actor.role in WORKSPACES[name] for name in MENUS if _HOME in MENUS[name])


def _group(name: str, items: Sequence[Mapping[str, object]]) -> dict[str, object]:
    return {"group": name, "items": items}


def _report(report: Report) -> dict[str, str]:
    return {"page": "", "label": report.title, "href": f"/{REPORTS}/{quote(report.name)}/"}


def _item(workspace: str, entry: Entry) -> dict[str, object]:
    told: dict[str, object] = {
        "page": entry.page,
        "label": entry.label,
        "href": f"/{workspace}/?page={entry.page}",
    }
    return told | {"carries": True} if entry.carries else told
