"""Who may do what: one table, role × permission → scope (requirements §3)."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """The post a person holds; 上级主管 is no role but follows from having subordinates."""

    CLERK = "clerk"
    SALES = "sales"
    MANAGER = "manager"
    GENERAL_OFFICE = "general_office"
    ADMIN = "admin"
    ANALYST = "analyst"


class Scope(StrEnum):
    """Which rows a grant covers."""

    OWN = "own"  # owner or registrant
    SHARED = "shared"  # shared with me, at any level
    COLLABORATE = "collaborate"  # shared with me to work on
    DEPARTMENT = "department"  # of my office
    TREE = "tree"  # my reporting subtree and the offices I head
    ALL = "all"
    MASKED = "masked"  # all rows, contact data masked


class Permission(StrEnum):
    """noun:verb, in alphabetical order."""

    ACCESS_REQUEST = "access:request"
    ACTIVITY_CREATE = "activity:create"
    ACTIVITY_EDIT = "activity:edit"
    ACTIVITY_REOPEN = "activity:reopen"
    ACTIVITY_VIEW = "activity:view"
    ANALYSIS_EDIT = "analysis:edit"
    ANALYSIS_PUBLISH = "analysis:publish"
    ANALYSIS_RUN = "analysis:run"
    API_MANAGE = "api:manage"
    ATTACHMENT_CHANGE = "attachment:change"
    ATTACHMENT_VIEW = "attachment:view"
    AUDIT_VIEW = "audit:view"
    CALENDAR_KEEP = "calendar:keep"
    COLLISION_CHECK = "collision:check"
    COLLISION_LOG = "collision:log"
    COLLISION_TUNE = "collision:tune"
    CONTACT_EDIT = "contact:edit"
    CONTACT_PHONE = "contact:phone"
    CONVERSION_BOARD = "conversion:board"
    CONVERSION_DECIDE = "conversion:decide"
    CONVERSION_REQUEST = "conversion:request"
    CONVERSION_UNDO = "conversion:undo"
    CUSTOMER_ASSIGN = "customer:assign"
    CUSTOMER_CREATE = "customer:create"
    CUSTOMER_EDIT = "customer:edit"
    CUSTOMER_IMPORT = "customer:import"
    CUSTOMER_PURGE = "customer:purge"
    CUSTOMER_RECYCLE = "customer:recycle"
    CUSTOMER_SHARE = "customer:share"
    CUSTOMER_VIEW = "customer:view"
    DICTIONARY_EDIT = "dictionary:edit"
    DUPLICATE_REVIEW = "duplicate:review"
    DUPLICATE_VIEW = "duplicate:view"
    FUNNEL_VIEW = "funnel:view"
    LIST_EXPORT = "list:export"
    MESSAGE_USE = "message:use"
    OPPORTUNITY_ADVANCE = "opportunity:advance"
    OPPORTUNITY_AMOUNT = "opportunity:amount"
    OPPORTUNITY_CLOSE = "opportunity:close"
    OPPORTUNITY_CREATE = "opportunity:create"
    OPPORTUNITY_DECIDE = "opportunity:decide"
    OPPORTUNITY_EDIT = "opportunity:edit"
    OPPORTUNITY_NOTE = "opportunity:note"
    OPPORTUNITY_PAPERS = "opportunity:papers"
    OPPORTUNITY_REOPEN = "opportunity:reopen"
    OPPORTUNITY_SETTINGS = "opportunity:settings"
    OPPORTUNITY_SHARE = "opportunity:share"
    OPPORTUNITY_UNDO = "opportunity:undo"
    OPPORTUNITY_VIEW = "opportunity:view"
    ORDER_MANAGE = "order:manage"
    ORDER_VIEW = "order:view"
    PASSWORD_CHANGE = "password:change"  # noqa: S105 the name of a right
    PERSON_MANAGE = "person:manage"
    PERSON_VIEW = "person:view"
    REPORT_BOARD = "report:board"
    REPORT_REVIEW = "report:review"
    REPORT_SETTINGS = "report:settings"
    REPORT_VIEW = "report:view"
    REPORT_WRITE = "report:write"
    REVIEW_REQUEST = "review:request"
    QUOTE_APPROVE = "quote:approve"
    QUOTE_EDIT = "quote:edit"
    QUOTE_VIEW = "quote:view"
    SCHEME_PUBLISH = "scheme:publish"
    SCHEME_USE = "scheme:use"
    STAGE_DEFINE = "stage:define"
    STAGE_SIGN = "stage:sign"
    TARGET_SET = "target:set"
    TARGET_VIEW = "target:view"
    TICKET_ASSIGN = "ticket:assign"
    TICKET_HANDLE = "ticket:handle"
    TICKET_REGISTER = "ticket:register"
    TICKET_VIEW = "ticket:view"


_CL, _SA, _MG = Role.CLERK, Role.SALES, Role.MANAGER
_ZH, _AD, _AN = Role.GENERAL_OFFICE, Role.ADMIN, Role.ANALYST
_OWN, _DEPT, _TREE, _ALL, _MASKED = (
    frozenset({s}) for s in (Scope.OWN, Scope.DEPARTMENT, Scope.TREE, Scope.ALL, Scope.MASKED)
)
_HELD = frozenset({Scope.OWN, Scope.SHARED})
_JOINT = frozenset({Scope.OWN, Scope.COLLABORATE})
_MANAGED = frozenset({Scope.TREE, Scope.SHARED})

Scopes = frozenset[Scope]
EVERYBODY: Mapping[Role, Scopes] = dict.fromkeys(Role, _ALL)
NOTHING: Scopes = frozenset()

P = Permission
GRANTS: Mapping[Permission, Mapping[Role, Scopes]] = {
    P.ACCESS_REQUEST: {_CL: _DEPT, _SA: _OWN, _MG: _TREE},  # for whom it may be asked
    P.ACTIVITY_CREATE: {
        _CL: _DEPT | _OWN,
        _SA: _JOINT,
        _MG: _TREE | _JOINT,
        _ZH: _ALL,
    },  # with whom
    P.ACTIVITY_EDIT: {_CL: _OWN, _SA: _JOINT, _MG: _TREE | _JOINT, _ZH: _OWN},
    P.ACTIVITY_REOPEN: {_MG: _TREE, _AD: _ALL},
    P.ACTIVITY_VIEW: {_CL: _OWN, _SA: _HELD, _MG: _MANAGED, _ZH: _ALL, _AD: _ALL, _AN: _MASKED},
    P.ANALYSIS_EDIT: {_AN: _MASKED},
    P.ANALYSIS_PUBLISH: {_AD: _ALL},  # somebody else than who wrote the report
    P.ANALYSIS_RUN: {_MG: _TREE, _ZH: _ALL, _AD: _ALL, _AN: _MASKED},
    P.API_MANAGE: {_AD: _ALL},
    # Whose records' files is said by the rights to the record; nobody can mask a file.
    P.ATTACHMENT_CHANGE: {_CL: _OWN, _SA: _JOINT, _MG: _TREE, _ZH: _ALL, _AD: _ALL},
    P.ATTACHMENT_VIEW: {_CL: _DEPT, _SA: _HELD, _MG: _MANAGED, _ZH: _ALL, _AD: _ALL},
    P.AUDIT_VIEW: {_ZH: _OWN, _AD: _ALL},
    P.CALENDAR_KEEP: {_AD: _ALL},
    P.COLLISION_CHECK: EVERYBODY,
    P.COLLISION_LOG: {_ZH: _ALL, _AD: _ALL},
    P.COLLISION_TUNE: {_ZH: _ALL, _AD: _ALL},
    P.CONTACT_EDIT: {_CL: _OWN, _SA: _JOINT, _MG: _TREE, _ZH: _ALL, _AD: _ALL},
    P.CONTACT_PHONE: {_CL: _OWN, _SA: _HELD, _MG: _MANAGED, _ZH: _ALL, _AD: _ALL},
    P.CONVERSION_BOARD: {_MG: _TREE, _ZH: _ALL, _AD: _ALL},
    P.CONVERSION_DECIDE: {_ZH: _ALL},
    P.CONVERSION_REQUEST: {_CL: _OWN, _SA: _OWN, _MG: _TREE},
    P.CONVERSION_UNDO: {_ZH: _ALL, _AD: _ALL},
    P.CUSTOMER_ASSIGN: {_MG: _TREE, _AD: _ALL},
    P.CUSTOMER_CREATE: {_CL: _DEPT, _SA: _OWN, _MG: _TREE, _ZH: _ALL, _AD: _ALL},
    P.CUSTOMER_EDIT: {_CL: _OWN, _SA: _JOINT, _MG: _TREE, _ZH: _ALL, _AD: _ALL},
    P.CUSTOMER_IMPORT: {_ZH: _ALL, _AD: _ALL},
    P.CUSTOMER_PURGE: {_AD: _ALL},
    P.CUSTOMER_RECYCLE: {_CL: _OWN, _SA: _OWN, _MG: _TREE, _ZH: _ALL, _AD: _ALL},
    P.CUSTOMER_SHARE: {_SA: _OWN, _MG: _TREE, _AD: _ALL},
    P.CUSTOMER_VIEW: {
        _CL: _DEPT | _OWN,
        _SA: _HELD,
        _MG: _MANAGED,
        _ZH: _ALL,
        _AD: _ALL,
        _AN: _MASKED,
    },
    P.DICTIONARY_EDIT: {_ZH: _ALL, _AD: _ALL},  # which ones: dictionaries/rules.py
    P.DUPLICATE_REVIEW: {_ZH: _ALL},
    P.DUPLICATE_VIEW: {_MG: _TREE, _ZH: _ALL, _AD: _ALL},
    P.FUNNEL_VIEW: {_SA: _HELD, _MG: _MANAGED, _ZH: _ALL, _AD: _ALL, _AN: _MASKED},
    P.LIST_EXPORT: {_SA: _HELD, _MG: _TREE, _ZH: _ALL, _AD: _ALL, _AN: _MASKED},
    P.MESSAGE_USE: EVERYBODY,
    P.OPPORTUNITY_ADVANCE: {_SA: _JOINT, _MG: _TREE},
    P.OPPORTUNITY_AMOUNT: {_SA: _HELD, _MG: _MANAGED, _ZH: _ALL, _AD: _ALL, _AN: _MASKED},
    P.OPPORTUNITY_CLOSE: {_SA: _OWN, _MG: _TREE, _ZH: _ALL, _AD: _ALL},
    P.OPPORTUNITY_CREATE: {_SA: _JOINT, _MG: _TREE},
    P.OPPORTUNITY_DECIDE: {_SA: _OWN, _MG: _TREE},
    P.OPPORTUNITY_EDIT: {_SA: _JOINT, _MG: _TREE},
    P.OPPORTUNITY_NOTE: {_SA: _JOINT, _MG: _TREE},
    # 竞争分析, 处理过程, 项目总结 are nothing for clerks, who see the deal itself.
    P.OPPORTUNITY_PAPERS: {_SA: _HELD, _MG: _MANAGED, _ZH: _ALL, _AD: _ALL, _AN: _MASKED},
    P.OPPORTUNITY_REOPEN: {_ZH: _ALL, _AD: _ALL},
    P.OPPORTUNITY_SETTINGS: {_AD: _ALL},
    P.OPPORTUNITY_SHARE: {_SA: _OWN, _MG: _TREE},
    P.OPPORTUNITY_UNDO: {_MG: _TREE, _AD: _ALL},
    P.OPPORTUNITY_VIEW: {_CL: _DEPT, _SA: _HELD, _MG: _MANAGED, _ZH: _ALL, _AD: _ALL, _AN: _MASKED},
    P.ORDER_MANAGE: {_AD: _ALL},
    P.ORDER_VIEW: {_CL: _DEPT, _SA: _HELD, _MG: _TREE, _ZH: _ALL, _AD: _ALL, _AN: _MASKED},
    P.PASSWORD_CHANGE: EVERYBODY,
    P.PERSON_MANAGE: {_AD: _ALL},
    P.PERSON_VIEW: {_MG: _TREE, _AD: _ALL},
    P.REPORT_BOARD: {_MG: _TREE, _ZH: _ALL, _AN: _MASKED},  # masked: figures without names
    P.REPORT_REVIEW: {_MG: _TREE},
    P.REPORT_SETTINGS: {_AD: _ALL},
    P.REPORT_VIEW: {_CL: _OWN, _SA: _OWN, _MG: _TREE, _ZH: _ALL},
    P.REPORT_WRITE: {_CL: _OWN, _SA: _OWN, _MG: _OWN},
    P.REVIEW_REQUEST: {_SA: _OWN, _MG: _TREE},
    P.QUOTE_APPROVE: {_MG: _TREE},
    P.QUOTE_EDIT: {_SA: _JOINT, _MG: _TREE},
    P.QUOTE_VIEW: {_SA: _HELD, _MG: _MANAGED, _ZH: _ALL, _AN: _MASKED},
    P.SCHEME_PUBLISH: {_MG: _TREE, _ZH: _ALL, _AD: _ALL},  # to whom
    P.SCHEME_USE: EVERYBODY,
    P.STAGE_DEFINE: {_AD: _ALL},
    P.STAGE_SIGN: {_MG: _ALL, _ZH: _ALL, _AD: _ALL},  # of the managers, those of a region
    P.TARGET_SET: {_MG: _TREE, _ZH: _ALL},  # of others, never one's own: targets/rows.py
    P.TARGET_VIEW: {_SA: _OWN, _MG: _TREE, _ZH: _ALL, _AD: _ALL, _AN: _MASKED},
    P.TICKET_ASSIGN: {_MG: _TREE, _ZH: _ALL},
    P.TICKET_HANDLE: {_CL: _OWN, _SA: _OWN, _MG: _TREE},  # own: the ticket is his to handle
    P.TICKET_REGISTER: {_CL: _DEPT, _SA: _HELD, _MG: _TREE, _ZH: _ALL, _AD: _ALL},
    P.TICKET_VIEW: {_CL: _DEPT, _SA: _HELD, _MG: _TREE, _ZH: _ALL, _AD: _ALL},
}
# What having subordinates adds to any role (column SP of requirements §3).
SUPERVISOR: Mapping[Permission, Scopes] = dict.fromkeys(
    (
        P.ACTIVITY_CREATE,
        P.ACTIVITY_EDIT,
        P.ACTIVITY_REOPEN,
        P.ACTIVITY_VIEW,
        P.ANALYSIS_RUN,
        P.CONTACT_EDIT,
        P.CONTACT_PHONE,
        P.CONVERSION_BOARD,
        P.CONVERSION_REQUEST,
        P.CUSTOMER_ASSIGN,
        P.CUSTOMER_EDIT,
        P.CUSTOMER_RECYCLE,
        P.CUSTOMER_SHARE,
        P.CUSTOMER_VIEW,
        P.FUNNEL_VIEW,
        P.LIST_EXPORT,
        P.OPPORTUNITY_ADVANCE,
        P.OPPORTUNITY_AMOUNT,
        P.OPPORTUNITY_CLOSE,
        P.OPPORTUNITY_CREATE,
        P.OPPORTUNITY_DECIDE,
        P.OPPORTUNITY_EDIT,
        P.OPPORTUNITY_NOTE,
        P.OPPORTUNITY_PAPERS,
        P.OPPORTUNITY_SHARE,
        P.OPPORTUNITY_UNDO,
        P.OPPORTUNITY_VIEW,
        P.ORDER_VIEW,
        P.PERSON_VIEW,
        P.QUOTE_APPROVE,
        P.QUOTE_VIEW,
        P.REPORT_BOARD,
        P.REPORT_REVIEW,
        P.REPORT_VIEW,
        P.REPORT_WRITE,
        P.REVIEW_REQUEST,
        P.TARGET_SET,
        P.TARGET_VIEW,
        P.TICKET_ASSIGN,
        P.TICKET_HANDLE,
        P.TICKET_REGISTER,
        P.TICKET_VIEW,
    ),
    _TREE,
)

WORKSPACES: Mapping[str, frozenset[Role]] = {
    "entry": frozenset({_CL, _SA, _MG, _ZH, _AD}),
    "funnel": frozenset({_SA, _MG, _ZH, _AD, _AN}),
    "admin": frozenset({_ZH, _AD}),
}
REPORTS = "reports"  # analysts' finished notebooks: each is a workspace of its own, reports/NAME
START_PAGE: Mapping[Role, str] = {
    _CL: "entry",
    _SA: "entry",
    _MG: "funnel",
    _ZH: "admin",
    _AD: "admin",
    _AN: "funnel",
}


def scopes(role: Role, permission: Permission, *, has_subordinates: bool) -> Scopes:
    """Return the scopes a person holds for a permission; none means refused."""
    granted = GRANTS[permission].get(role, NOTHING)
    return granted | SUPERVISOR.get(permission, NOTHING) if has_subordinates else granted


def may_enter(role: Role, workspace: str, *, has_subordinates: bool) -> bool:
    """Say whether a person may open a workspace or a report (``reports/NAME``)."""
    if workspace.partition("/")[0] == REPORTS:
        return bool(scopes(role, P.ANALYSIS_RUN, has_subordinates=has_subordinates))
    return role in WORKSPACES[workspace]
