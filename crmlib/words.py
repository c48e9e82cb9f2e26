"""The one vocabulary: Chinese labels of everything the code names in English."""

# --- roles, people ---------------------------------------------------------------------------
ROLES = {
    "clerk": "内勤",
    "sales": "销售",
    "manager": "办事处主任/区域经理",
    "general_office": "综合部",
    "admin": "信息部",
    "analyst": "分析员",
}
PERSON = {
    "seller_code": "编号",
    "name": "姓名",
    "login": "登录名",
    "role": "角色",
    "office": "部门",
    "reports_to": "上级",
    "mobile": "手机",
    "email": "邮箱",
    "active": "状态",
    "joined_on": "入职日期",
    "left_on": "离职日期",
}
SIGN_IN = {"tenant": "单位简称", "login": "登录名", "password": "密码", "again": "再次输入新密码"}

# --- customers -------------------------------------------------------------------------------
CUSTOMER = {
    "code": "客户代码",
    "name": "客户名称",
    "level": "客户级别",
    "owner": "负责人",
    "office": "负责部门",
    "registered_at": "登记日期",
    "email": "E-MAIL",
    "phone": "电话",
    "fax": "传真",
    "country": "国家",
    "industry": "行业",
    "region": "区域",
    "website": "公司网址",
    "address": "地址",
    "registered_by": "登记人",
    "value_score": "客户价值",
    "last_contact_on": "最后接触日期",
    "last_trade_on": "最后交易日期",
    "trading": "交易客户",
    "short_name": "客户简称",
    "uscc": "统一社会信用代码",
    "customer_type": "客户类型",
    "source": "来源",
    "size": "规模",
    "status": "状态",
    "remark": "备注",
    "erp_code": "ERP客户代码",
    "incomplete": "待完善",
}
CUSTOMER_STATUS = {
    "potential": "潜在客户",
    "trading": "交易客户",
    "merged": "已合并",
    "recycled": "回收站",
}
CONTACT = {
    "name": "姓名",
    "role": "人员角色",
    "mobile": "移动电话",
    "is_primary": "主联系人",
    "title": "职务",
    "department": "部门",
    "phone": "固话",
    "email": "邮箱",
    "wechat": "微信",
    "birthday": "生日",
    "remark": "备注",
}
SHARE_LEVELS = {"read": "只读", "collaborate": "协作"}
SHARE_PARTS = {
    "with_contacts": "联系方式",
    "with_opportunities": "商机",
    "with_activities": "活动",
}
RECYCLED = {
    "reason": "回收原因",
    "note": "回收说明",
    "recycled_by": "操作人",
    "recycled_at": "移入时间",
}
UNASSIGNED = "待分配"
YES, NO = "是", "否"
EMPTY = "—"

# --- duplicates ------------------------------------------------------------------------------
PAIR_STATUS = {
    "open": "待审",
    "merged": "已合并",
    "distinct": "不是重复",
    "affiliated": "关联公司",
    "deferred": "暂缓",
}
PAIR_SOURCE = {"scan": "批量扫描", "entry": "录入", "import": "导入", "manual": "人工"}
COLLISION_VERDICT = {"same": "相同", "similar": "相似", "related": "关联", "none": "无关"}
LINK_KIND = {
    "branch": "总公司—分公司",
    "subsidiary": "母公司—子公司",
    "group": "同一集团",
    "boss": "同一老板",
    "other": "其他",
}

COLLISION_CHANNELS = {"screen": "逐个查找", "list": "批量撞单", "save": "保存客户"}

# --- requests for customers ------------------------------------------------------------------
ACCESS_KINDS = {"share": "申请共享", "transfer": "申请转移"}
ACCESS_STATUS = {"open": "待处理", "granted": "同意", "refused": "驳回", "withdrawn": "撤回"}
ACCESS = {
    "kind": "申请类型",
    "person": "使用人",
    "level": "共享方式",
    "ends_on": "截止日期",
    "reason": "申请原因",
    "requester": "申请人",
    "requested_at": "申请时间",
    "status": "状态",
    "decided_by": "处理人",
    "decided_at": "处理时间",
    "note": "处理意见",
}

# --- opportunities ---------------------------------------------------------------------------
OPPORTUNITY = {
    "number": "编号",
    "subject": "主题",
    "customer": "客户",
    "contact": "主联系人",
    "project_name": "项目名称",
    "project_type": "项目类型",
    "site_address": "工程地址",
    "products": "感兴趣产品",
    "sales_task": "销售任务",
    "amount": "预计金额",
    "expected_close": "预计成交日期",
    "probability": "赢率",
    "source": "来源",
    "owner": "负责人",
    "office": "负责部门",
    "stage": "销售阶段",
    "outcome": "状态",
    "closed": "关闭",
    "registered_by": "登记人",
    "registered_at": "登记日期",
    "days": "停留天数",
    "currency": "币种",
    "decided_on": "输赢日期",
    "outcome_reason": "输赢原因",
    "outcome_note": "输赢说明",
    "won_amount": "成交金额",
    "competitor": "竞争对手",
    "project_summary": "项目总结",
    "closed_on": "关闭日期",
    "close_reason": "关闭原因",
}
STAGE = {
    "code": "代码",
    "name": "名称",
    "position": "顺序",
    "probability": "赢率（%）",
    "standard_days": "标准天数",
    "checklist": "检查项",
    "note": "说明",
    "disabled": "停用",
}
STAGE_SET = {
    "name": "销售流程",
    "number": "版本",
    "status": "状态",
    "effective_on": "生效日期",
    "note": "变更说明",
    "drafted": "制定",
    "agreed": "审核（会签）",
    "approved": "批准",
}
STAGE_SET_STATUS = {"draft": "草稿", "signing": "会签中", "active": "生效", "retired": "失效"}
OUTCOMES = {"open": "进行中", "won": "赢单", "lost": "输单"}
CURRENCIES = {"CNY": "人民币"}
STAGE_EVENTS = {
    "move": "推进阶段",
    "won": "赢单",
    "lost": "输单",
    "undone": "反赢单/反输单",
    "closed": "关闭",
    "reopened": "重开",
}
COMPETITOR = {
    "competitor": "竞争对手",
    "product": "产品",
    "price": "价格",
    "strengths": "优势",
    "weaknesses": "劣势",
    "countermeasure": "对策",
    "threat": "威胁",
    "entered_by": "登记人",
    "entered_at": "登记时间",
}
THREATS = {"high": "高", "medium": "中", "low": "低"}
PROCESS = {"written_at": "日期", "written_by": "填写人", "content": "内容"}
PARTY = {"company": "公司名称", "role": "角色", "note": "备注"}
PARTY_ROLES = {
    "owner": "甲方",
    "designer": "设计",
    "contractor": "总包",
    "facade": "幕墙",
    "windows": "门窗",
    "bidder": "竞标人",
}

# --- quotes ----------------------------------------------------------------------------------
QUOTE = {
    "number": "报价单号",
    "revision": "版本",
    "opportunity": "商机",
    "customer": "客户",
    "status": "状态",
    "lines": "报价明细",
    "delivery": "交货期限",
    "payment_term": "付款方式",
    "valid_until": "有效期至",
    "terms": "条款",
    "pricing_note": "定价说明",
    "total": "报价金额",
    "created_by": "编制人",
    "created_at": "编制时间",
    "submitted_by": "提交人",
    "submitted_at": "提交时间",
    "approver": "待审批人",
    "decided_by": "审批人",
    "decided_at": "审批时间",
    "decision_note": "审批意见",
    "sent_at": "发出时间",
    "accepted_at": "接受时间",
    "void_reason": "作废原因",
}
QUOTE_LINE = {
    "product": "产品",
    "name": "名称",
    "spec": "规格",
    "unit": "单位",
    "quantity": "数量",
    "unit_price": "单价",
    "discount": "折扣率%",
    "subtotal": "小计",
}
QUOTE_STATUS = {
    "draft": "草稿",
    "waiting": "待批",
    "approved": "已批",
    "sent": "已发",
    "accepted": "被接受",
    "void": "作废",
}

# --- conversion ------------------------------------------------------------------------------
REQUEST_STATUS = {"pending": "待处理", "approved": "通过", "refused": "驳回", "withdrawn": "撤回"}

# --- activities ------------------------------------------------------------------------------
ACTIVITY = {
    "number": "单据编号",
    "subject": "主题",
    "activity_type": "活动类型",
    "customer": "客户",
    "contact": "联系人",
    "phone": "联系电话",
    "status": "活动状态",
    "importance": "重要性",
    "priority": "优先级",
    "planned_start": "计划开始时间",
    "planned_end": "计划结束时间",
    "started_at": "开始时间",
    "ended_at": "完成时间",
    "opportunity": "商机",
    "stage": "商机阶段",
    "result": "活动结果",
    "description": "活动描述",
    "result_note": "结果说明",
    "place": "地点",
    "remind": "是否提醒",
    "owner": "负责人",
    "office": "负责部门",
    "created_at": "创建日期",
}
ACTIVITY_STATUS = {"not_started": "未开始", "started": "已开始", "done": "已完成"}
IMPORTANCE = {"high": "很重要", "normal": "一般", "low": "不重要"}
PRIORITY = {"high": "高", "medium": "中", "low": "低"}

# --- inbox -----------------------------------------------------------------------------------
MESSAGE = {
    "recipients": "接收人",
    "title": "消息标题",
    "body": "正文",
    "sender": "发件人",
    "sent_at": "发送时间",
}
SYSTEM_SENDER = "系统"

# --- working days ----------------------------------------------------------------------------
DAY_OFF = {"since": "开始日期", "until": "结束日期", "day": "日期", "kind": "类型", "name": "名称"}
DAY_KINDS = {"rest": "休", "work": "班"}

PERIODS = {
    "month": "本月",
    "quarter": "本季度",
    "next_quarter": "下季度",
    "year": "本年",
    "last_year": "上一年",
}

# --- files in and out ------------------------------------------------------------------------
IMPORT_KINDS = {
    "customers": "客户",
    "contacts": "联系人",
    "opportunities": "商机",
    "activities": "活动",
    "orders": "订单",
}
IMPORT_STATES = {
    "reading": "正在读取",
    "read": "待对应列",
    "checking": "正在检查",
    "checked": "待导入",
    "applying": "正在导入",
    "applied": "已导入",
    "undoing": "正在撤销",
    "undone": "已撤销",
    "failed": "无法读取",
    "dropped": "已放弃",
}
IMPORT_VERDICTS = {
    "new": "新增",
    "update": "更新",
    "similar": "疑似重复",
    "same": "已有",
    "error": "错误",
}
IMPORT_ACTIVITY = {
    "number": "活动编号",
    "subject": "主题",
    "activity_type": "活动类型",
    "customer": "客户名称",
    "customer_code": "客户代码",
    "contact": "联系人",
    "phone": "电话",
    "status": "状态",
    "importance": "重要程度",
    "priority": "优先级",
    "planned_start": "计划开始",
    "planned_end": "计划结束",
    "started_at": "实际开始",
    "ended_at": "实际结束",
    "opportunity": "商机编号",
    "result": "结果",
    "description": "内容",
    "result_note": "结果说明",
    "place": "地点",
    "owner": "负责人",
    "office": "负责部门",
    "registered_at": "登记日期",
}

# --- pages -----------------------------------------------------------------------------------
WORKSPACES = {"entry": "录入", "funnel": "漏斗", "admin": "管理", "reports": "分析"}


def required(label: str) -> str:
    """Return the message for a missing field."""
    return f"{label} 为必录项"
