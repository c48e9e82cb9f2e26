"""Chinese words of service tickets, their fields and states."""

TICKET = {
    "number": "工单编号",
    "kind": "工单类型",
    "customer": "客户名称",
    "order": "订单",
    "description": "问题描述",
    "severity": "严重度",
    "status": "工单状态",
    "handler": "受理人",
    "reply_due": "首次回复时限",
    "solve_due": "解决时限",
    "replied_at": "首次回复时间",
    "solution": "解决方案",
    "solved_at": "解决时间",
    "revisit": "回访结果",
    "revisited_on": "回访日期",
    "score": "满意度",
    "improvement": "改进措施",
    "closed_at": "关闭时间",
    "reopen_reason": "重开原因",
    "registered_by": "登记人",
    "registered_at": "登记时间",
}
TICKET_KIND = {"inquiry": "咨询", "feedback": "反馈", "complaint": "投诉", "repair": "报修"}
SEVERITY = {"urgent": "紧急", "normal": "一般", "minor": "轻微"}
TICKET_STATUS = {
    "new": "新建",
    "accepted": "已受理",
    "working": "处理中",
    "solved": "已解决",
    "revisited": "已回访",
    "closed": "已关闭",
}
