"""Chinese words for whatever the change log names: tables, columns, choices, steps.

A table or column nobody named here fails ``tests/audit/test_labels.py``: it would be left out of
the log people read.
"""

from collections.abc import Mapping

from crmlib import words
from crmlib.reference.kinds import DictKind

# --- tables ----------------------------------------------------------------------------------
TABLES: Mapping[str, str] = {
    "access_request": "共享与转移申请",
    "activity": "活动",
    "affiliate_link": "关联公司",
    "api_token": "接口令牌",
    "attachment": "附件",
    "contact": "联系人",
    "contact_view": "联系方式",
    "conversion_request": "转交易申请",
    "customer": "客户",
    "customer_alias": "曾用名与旧代码",
    "customer_share": "客户共享",
    "demo": "演示数据",
    "dict_item": "字典",
    "duplicate_pair": "重复候选",
    "export": "导出",
    "import": "导入",
    "import_batch": "导入批次",
    "login_session": "登录",
    "merge": "合并单",
    "message": "消息",
    "office": "部门",
    "office_prefix": "编号前缀",
    "opportunity": "商机",
    "opportunity_product": "商机产品",
    "opportunity_share": "商机共享",
    "permission": "权限",
    "purged_customer": "彻底删除的客户",
    "recycled_customer": "客户回收",
    "person": "人员",
    "region": "区域",
    "setting": "系统参数",
    "stage": "销售阶段",
    "stage_history": "阶段历史",
    "stage_set": "销售阶段定义",
    "webhook": "数据推送",
    "filter_scheme": "过滤方案",
    "chosen_scheme": "默认方案",
}
OTHER_TABLE = "其他数据"

# --- columns ---------------------------------------------------------------------------------
# Keys, places of the machinery, what is worked out from other columns.
HIDDEN = frozenset(
    {
        "id", "version", "name_key", "core_key", "brand", "pinyin", "initials", "phone_key", "key",
        "fingerprint", "same", "related", "reasons", "evidence", "before", "moved", "leftovers",
        "message_id", "sha256", "pair_id", "stage_since", "password_hash", "secret_hash",
        "signing_key", "samples", "head", "titles", "mapping", "options", "rows", "kept", "hint",
        "related_type", "entity_type", "failures", "failing_since", "succeeded_at",
        "last_used_at", "builtin", "sort",
        # The head of the entry says who and when.
        "uploaded_by_id", "uploaded_at", "removed_by_id", "removed_at",
    }
)  # fmt: skip
_COMMON = {
    "kind": "类型",
    "name": "名称",
    "note": "备注",
    "number": "编号",
    "reason": "原因",
    "status": "状态",
    "state": "状态",
    "created_at": "创建时间",
    "created_by": "创建人",
    "shared_by": "共享人",
    "shared_at": "共享时间",
    "ends_on": "截止日期",
    "level": "共享方式",
    "person": "人员",
    "customer": "客户",
    "contact": "联系人",
    "opportunity": "商机",
    "owner": "负责人",
    "office": "负责部门",
    "registered_by": "登记人",
    "registered_at": "登记日期",
    "decided_at": "处理时间",
    "decided_by": "处理人",
    "requested_at": "申请时间",
    "undone_at": "撤销时间",
    "undone_by": "撤销人",
    "code": "代码",
    "disabled": "停用",
    "parent": "上级",
    "region": "区域",
    "stage": "销售阶段",
    "active": "启用",
}
_ACTIVITY = {
    **words.IMPORT_ACTIVITY,
    "importance": "重要性",
    "description": "活动描述",
    "result": "活动结果",
    "place": "地点",
    "remind": "是否提醒",
}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "access_request": words.ACCESS,
    "activity": _ACTIVITY,
    "affiliate_link": {
        "a": "客户一", "b": "客户二", "kind": "关系", "parent": "上级公司",
        "linked_by": "登记人", "linked_at": "登记时间",
    },
    "api_token": {
        "may_write": "可写入", "expires_at": "有效期至", "revoked_at": "停用时间",
    },
    "attachment": {
        "entity": "所属记录", "name": "文件名", "size": "大小（字节）", "kind": "文件类型",
    },
    "contact": {**words.CONTACT, "active": "在职"},
    "conversion_request": {
        "applicant": "申请人", "title": "消息标题", "body": "正文",
        "override_reason": "例外原因", "decision_note": "处理意见",
        "undone_at": "撤销时间", "undo_reason": "撤销转交易原因",
    },
    "customer": {
        **words.CUSTOMER, "no_fax": "无传真", "no_email": "无E-MAIL", "no_website": "无公司网址",
        "merged_into": "并入", "recycled_at": "移入回收站时间",
    },
    "customer_alias": {"value": "内容", "since": "起始时间"},
    "customer_share": {name: f"包含{label}" for name, label in words.SHARE_PARTS.items()}
    | {"end_told": "已通知到期"},
    "recycled_customer": words.RECYCLED,
    "dict_item": {"kind": "字典"},
    "duplicate_pair": {
        "a": "客户一", "b": "客户二", "source": "来源", "found_at": "发现时间",
        "found_by": "发现人", "snooze_until": "暂缓到",
    },
    "import_batch": {
        "kind": "导入内容", "file_name": "文件名", "size": "大小（字节）", "counts": "结果",
        "applied_at": "导入时间", "applied_by": "导入人",
    },
    "merge": {
        "survivor": "保留方", "loser": "被合并方", "merged_at": "合并时间", "merged_by": "合并人",
    },
    "message": {**words.MESSAGE, "related": "关联记录"},
    "office": {"head": "负责人"},
    "office_prefix": {"prefix": "编号前缀", "last_number": "已用到"},
    "opportunity": {
        **words.OPPORTUNITY, "decided_on": "输赢日期", "outcome_reason": "输赢原因",
        "won_amount": "成交金额", "competitor": "竞争对手", "project_summary": "项目总结",
    },
    "opportunity_product": {"product": "感兴趣产品"},
    "person": {
        **words.PERSON, "must_change": "须改密码", "failed_logins": "登录失败次数",
        "locked_until": "锁定到",
    },
    "filter_scheme": {
        "list_key": "列表", "owner": "所有人", "name": "方案名称", "content": "条件与列",
        "published": "已发布",
    },
    "chosen_scheme": {"list_key": "列表", "person": "人员", "scheme": "方案"},
    "setting": {"key": "参数", "value": "取值"},
    "stage": {
        "name": "名称", "position": "顺序", "probability": "赢率", "standard_days": "标准天数",
        "checklist": "检查项", "stage_set": "阶段定义",
    },
    "stage_history": {
        "from_stage": "原阶段", "to_stage": "新阶段", "moved_at": "推进时间",
        "moved_by": "推进人", "days": "停留天数",
    },
    "stage_set": {"effective_on": "生效日期", "number": "版本"},
    "webhook": {
        "url": "推送地址", "events": "推送内容", "stopped_because": "停用原因",
    },
}  # fmt: skip

# --- what codes mean -------------------------------------------------------------------------
CHOICES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("access_request", "kind"): words.ACCESS_KINDS,
    ("access_request", "level"): words.SHARE_LEVELS,
    ("access_request", "status"): words.ACCESS_STATUS,
    ("activity", "importance"): words.IMPORTANCE,
    ("activity", "priority"): words.PRIORITY,
    ("activity", "status"): words.ACTIVITY_STATUS,
    ("affiliate_link", "kind"): words.LINK_KIND,
    ("conversion_request", "status"): words.REQUEST_STATUS,
    ("customer", "status"): words.CUSTOMER_STATUS,
    ("customer_alias", "kind"): {"name": "曾用名", "code": "旧代码", "phone": "旧电话"},
    ("customer_share", "level"): words.SHARE_LEVELS,
    ("dict_item", "kind"): {
        "activity_type": "活动类型",
        "close_reason": "关闭原因",
        "competitor": "竞争对手",
        "contact_role": "人员角色",
        "country": "国家",
        "customer_level": "客户级别",
        "customer_size": "规模",
        "customer_type": "客户类型",
        "industry": "行业",
        "lead_source": "来源",
        "loss_reason": "输单原因",
        "product_family": "产品",
        "project_type": "项目类型",
        "recycle_reason": "回收原因",
        "sales_task": "销售任务",
        "win_reason": "赢单原因",
    },
    ("duplicate_pair", "source"): words.PAIR_SOURCE,
    ("duplicate_pair", "status"): words.PAIR_STATUS,
    ("import_batch", "kind"): words.IMPORT_KINDS,
    ("import_batch", "state"): words.IMPORT_STATES,
    ("opportunity", "outcome"): words.OUTCOMES,
    ("person", "role"): words.ROLES,
    ("stage_set", "status"): {
        "draft": "草稿",
        "signing": "会签中",
        "active": "生效",
        "retired": "已停用",
    },
}
DICTIONARIES: Mapping[tuple[str, str], DictKind] = {
    ("activity", "activity_type"): DictKind.ACTIVITY_TYPE,
    ("contact", "role"): DictKind.CONTACT_ROLE,
    ("customer", "level"): DictKind.CUSTOMER_LEVEL,
    ("customer", "industry"): DictKind.INDUSTRY,
    ("customer", "country"): DictKind.COUNTRY,
    ("customer", "customer_type"): DictKind.CUSTOMER_TYPE,
    ("customer", "source"): DictKind.LEAD_SOURCE,
    ("customer", "size"): DictKind.CUSTOMER_SIZE,
    ("recycled_customer", "reason"): DictKind.RECYCLE_REASON,
    ("opportunity", "source"): DictKind.LEAD_SOURCE,
    ("opportunity", "project_type"): DictKind.PROJECT_TYPE,
    ("opportunity", "sales_task"): DictKind.SALES_TASK,
    ("opportunity", "competitor"): DictKind.COMPETITOR,
    ("opportunity_product", "product"): DictKind.PRODUCT,
}
SWITCHED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("person", "active"): ("在用", "停用"),
}


def table_label(table: str) -> str:
    """Return the business word for a table."""
    return TABLES.get(table, OTHER_TABLE)


def column_label(table: str, column: str) -> str | None:
    """Return the business word for a column; None if nobody needs to read it."""
    if column in HIDDEN and column not in FIELDS.get(table, {}):
        return None
    short = column.removesuffix("_id")
    for words_of in (FIELDS.get(table, {}), _COMMON):
        for name in (column, short):
            if name in words_of:
                return words_of[name]
    return None
