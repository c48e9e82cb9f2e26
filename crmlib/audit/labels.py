"""Chinese words for whatever the change log names: tables, columns, choices, steps.

A table or column nobody named here fails ``tests/audit/test_labels.py``: it would be left out of
the log people read.
"""

from collections.abc import Mapping

from crmlib import words
from crmlib.opportunities import labels as deal_words
from crmlib.orders import terms as order_terms
from crmlib.reference.kinds import DictKind
from crmlib.service import terms as service_terms
from crmlib.targets import labels as target_words
from crmlib.work_reports import labels as report_words

# --- tables ----------------------------------------------------------------------------------
TABLES: Mapping[str, str] = {
    "access_request": "共享与转移申请",
    "activity": "活动",
    "affiliate_link": "关联公司",
    "analysis": "分析报表",
    "api_token": "接口令牌",
    "attachment": "附件",
    "competitor_entry": "竞争分析",
    "contact": "联系人",
    "contact_view": "联系方式",
    "contract_review": "合同评审",
    "conversion_request": "转交易申请",
    "customer": "客户",
    "customer_alias": "曾用名与旧代码",
    "customer_need": "需求与异议",
    "customer_share": "客户共享",
    "day_off": "工作日历",
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
    "opportunity_party": "参与方",
    "opportunity_product": "商机产品",
    "opportunity_share": "商机共享",
    "permission": "权限",
    "process_log": "处理过程",
    "purged_customer": "彻底删除的客户",
    "order_event": "订单执行",
    "order_line": "订单明细",
    "quotation": "报价单",
    "quotation_line": "报价明细",
    "recycled_customer": "客户回收",
    "sales_order": "订单",
    "service_ticket": "服务工单",
    "person": "人员",
    "region": "区域",
    "setting": "系统参数",
    "stage": "销售阶段",
    "stage_history": "阶段历史",
    "stage_set": "销售阶段定义",
    "stage_signature": "阶段定义会签",
    "target": "目标",
    "webhook": "数据推送",
    "work_report": "工作报告",
    "work_report_customer": "工作报告客户",
    "work_report_line": "工作报告明细",
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
    **words.ACTIVITY,
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
    "competitor_entry": words.COMPETITOR,
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
    "contract_review": order_terms.REVIEW,
    "order_event": order_terms.ORDER_EVENT | {"order": "订单"},
    "order_line": order_terms.ORDER_LINE | {"order": "订单", "position": "行号"},
    "sales_order": order_terms.ORDER,
    "service_ticket": service_terms.TICKET,
    "customer_alias": {"value": "内容", "since": "起始时间"},
    "customer_need": deal_words.NEED,
    "customer_share": {name: f"包含{label}" for name, label in words.SHARE_PARTS.items()}
    | {"end_told": "已通知到期"},
    "recycled_customer": words.RECYCLED,
    "day_off": words.DAY_OFF,
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
    "opportunity": words.OPPORTUNITY,
    "opportunity_party": words.PARTY,
    "opportunity_share": {"end_told": "已通知到期"},
    "process_log": words.PROCESS,
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
    "quotation": words.QUOTE,
    "quotation_line": {**words.QUOTE_LINE, "quotation": "报价单", "position": "行号"},
    "setting": {"key": "参数", "value": "取值"},
    "stage": {
        "name": "名称", "position": "顺序", "probability": "赢率", "standard_days": "标准天数",
        "checklist": "检查项", "stage_set": "阶段定义", "note": "说明",
    },
    "stage_history": {
        "activity": "推进的活动",
        "from_stage": "原阶段", "to_stage": "新阶段", "moved_at": "推进时间",
        "moved_by": "推进人", "days": "停留天数", "event": "事项",
    },
    "stage_set": {
        "effective_on": "生效日期", "number": "版本", "note": "变更说明", "round": "会签轮次",
        "mapping": "阶段去向",
    },
    "stage_signature": {
        "stage_set": "阶段定义", "round": "会签轮次", "act": "事项", "party": "代表",
        "comment": "意见", "at": "时间",
    },
    "target": target_words.TARGET,
    "work_report": report_words.WORK_REPORT,
    "work_report_customer": {"report": "工作报告"},
    "work_report_line": {**report_words.WORK_REPORT_LINE, "position": "行号"},
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
    ("contract_review", "status"): order_terms.REVIEW_STATUS,
    ("order_event", "kind"): order_terms.EVENT_KIND,
    ("sales_order", "source"): order_terms.ORDER_SOURCE,
    ("sales_order", "stated"): order_terms.ORDER_STATUS,
    ("sales_order", "status"): order_terms.ORDER_STATUS,
    ("service_ticket", "kind"): service_terms.TICKET_KIND,
    ("service_ticket", "severity"): service_terms.SEVERITY,
    ("service_ticket", "status"): service_terms.TICKET_STATUS,
    ("customer", "status"): words.CUSTOMER_STATUS,
    ("customer_alias", "kind"): {"name": "曾用名", "code": "旧代码", "phone": "旧电话"},
    ("customer_need", "kind"): deal_words.NEED_KINDS,
    ("customer_share", "level"): words.SHARE_LEVELS,
    ("day_off", "kind"): words.DAY_KINDS,
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
        "payment_term": "付款方式",
        "project_type": "项目类型",
        "recycle_reason": "回收原因",
        "sales_task": "销售任务",
        "win_reason": "赢单原因",
    },
    ("duplicate_pair", "source"): words.PAIR_SOURCE,
    ("duplicate_pair", "status"): words.PAIR_STATUS,
    ("import_batch", "kind"): words.IMPORT_KINDS,
    ("import_batch", "state"): words.IMPORT_STATES,
    ("competitor_entry", "threat"): words.THREATS,
    ("opportunity", "currency"): words.CURRENCIES,
    ("opportunity", "outcome"): words.OUTCOMES,
    ("target", "kind"): target_words.TARGET_KINDS,
    ("target", "status"): target_words.TARGET_STATUS,
    ("work_report", "kind"): report_words.REPORT_KINDS,
    ("work_report", "status"): report_words.REPORT_STATUS,
    ("work_report_line", "kind"): report_words.REPORT_LINE_KINDS,
    ("opportunity_party", "role"): words.PARTY_ROLES,
    ("stage_history", "event"): words.STAGE_EVENTS,
    ("person", "role"): words.ROLES,
    ("quotation", "status"): words.QUOTE_STATUS,
    ("stage_set", "status"): words.STAGE_SET_STATUS,
    ("stage_signature", "act"): {
        "drafted": "制定",
        "submitted": "提交会签",
        "agreed": "会签",
        "returned": "退回",
        "approved": "批准生效",
    },
    ("stage_signature", "party"): {
        "general_office": "综合部",
        "admin": "信息部",
        "region": "区域经理",
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
    ("quotation", "payment_term"): DictKind.PAYMENT_TERM,
    ("quotation_line", "product"): DictKind.PRODUCT,
    ("opportunity", "sales_task"): DictKind.SALES_TASK,
    ("opportunity", "close_reason"): DictKind.CLOSE_REASON,
    ("opportunity", "competitor"): DictKind.COMPETITOR,
    ("competitor_entry", "competitor"): DictKind.COMPETITOR,
    ("opportunity_product", "product"): DictKind.PRODUCT,
    ("work_report_line", "activity_type"): DictKind.ACTIVITY_TYPE,
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
