"""Chinese labels of 需求与异议."""

NEEDS_TAB = "需求与异议"
NEED_KINDS = {"need": "需求", "proposal": "方案", "objection": "异议"}
NEED = {
    "kind": "类别",
    "content": "内容",
    "raised_on": "提出日期",
    "owner": "负责人",
    "answer": "答复",
    "answered_by": "答复人",
    "answered_at": "答复时间",
    "state": "状态",
    "entered_by": "登记人",
    "entered_at": "登记时间",
}
OPEN, ANSWERED = "待答复", "已答复"
