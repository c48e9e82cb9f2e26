"""Chinese labels of work reports."""

REPORT_KINDS = {"plan": "周计划", "summary": "日总结"}
REPORT_STATUS = {"draft": "草稿", "submitted": "已提交", "read": "已阅"}
REPORT_LINE_KINDS = {"done": "完成情况", "tomorrow": "明日计划", "plan": "本周计划"}
WORK_REPORT = {
    "kind": "报告类型",
    "starts_on": "期间",
    "content": "内容概括",
    "outcome": "结果概括",
    "subject": "主题",
    "customers": "相关联客户",
    "internal": "内部事务",
    "status": "状态",
    "submitted_at": "提交时间",
    "late": "迟交",
    "comment": "批注",
    "reviewed_by": "批阅人",
    "reviewed_at": "批阅时间",
    "returned_reason": "退回原因",
    "person": "报告人",
    "office": "部门",
}
WORK_REPORT_LINE = {
    "kind": "类别",
    "text": "内容",
    "result": "结果",
    "activity_type": "活动类型",
    "about": "客户或商机",
    "customer": "客户",
    "opportunity": "商机",
    "planned_on": "日期",
    "day": "日期",
    "hours": "时间",
    "planned_start": "计划开始",
    "planned_end": "计划结束",
    "activity": "活动",
    "report": "工作报告",
}
