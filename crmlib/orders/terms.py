"""Chinese words of orders and contract reviews, their fields, states and lists."""

ORDER = {
    "number": "ERP单号",
    "customer": "客户名称",
    "opportunity": "商机",
    "ordered_on": "订单日期",
    "due_on": "交货日期",
    "amount": "订单金额",
    "stated": "ERP状态",
    "status": "执行状态",
    "source": "来源",
    "remark": "备注",
    "registered_by": "登记人",
    "registered_at": "登记时间",
    "lines": "订单明细",
}
ORDER_STATUS = {
    "entered": "已录入",
    "preparing": "生产/备货",
    "part_shipped": "部分发货",
    "shipped": "全部发货",
    "done": "已完成",
    "cancelled": "已取消",
}
ORDER_SOURCE = {"manual": "手工录入", "import": "导入", "api": "接口"}
ORDER_LINE = {
    "product": "产品",
    "specification": "规格",
    "quantity": "数量",
    "price": "单价",
    "amount": "金额",
}
ORDER_EVENT = {
    "kind": "执行类型",
    "happened_on": "执行日期",
    "quantity": "执行数量",
    "remark": "执行备注",
    "recorded_by": "记录人",
    "recorded_at": "记录时间",
}
EVENT_KIND = {
    "scheduled": "排产",
    "prepared": "备货",
    "shipped": "发货",
    "received": "签收",
    "installed": "安装",
    "done": "完成",
}
REVIEW = {
    "number": "OA单号",
    "opportunity": "商机",
    "status": "评审状态",
    "amount": "合同金额",
    "asked_by": "提出人",
    "asked_at": "提出时间",
    "submitted_on": "提交日期",
    "decided_on": "评审日期",
    "file_name": "附件名",
    "remark": "说明",
    "note": "评审意见",
}
REVIEW_STATUS = {
    "draft": "草稿",
    "submitted": "已提交OA",
    "approved": "通过",
    "refused": "驳回",
    "void": "作废",
}
IMPORT_ORDER = {
    "number": ORDER["number"],
    "customer": "客户名称",
    "customer_code": "客户代码",
    "opportunity": "商机编号",
    "ordered_on": ORDER["ordered_on"],
    "due_on": ORDER["due_on"],
    "amount": ORDER["amount"],
    "stated": ORDER["stated"],
    "remark": ORDER["remark"],
    **{f"line_{name}": f"明细{label}" for name, label in ORDER_LINE.items()},
    "line_product": ORDER_LINE["product"],
    "line_specification": ORDER_LINE["specification"],
    "line_quantity": ORDER_LINE["quantity"],
    "line_price": ORDER_LINE["price"],
    **{f"event_{n}": ORDER_EVENT[n] for n in ("kind", "happened_on", "quantity", "remark")},
}
