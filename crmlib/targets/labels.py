"""Chinese labels of targets."""

TARGET_KINDS = {"year": "年度", "quarter": "季度", "month": "月度"}
TARGET_STATUS = {"draft": "草稿", "issued": "下达", "locked": "锁定"}
MEASURES = {
    "sales": "销售额（万元）",
    "customers": "新增客户（个）",
    "satisfaction": "满意度（分）",
}
MEASURE_NAMES = {"sales": "销售额", "customers": "新增客户", "satisfaction": "满意度"}
QUARTERS = ("一季度", "二季度", "三季度", "四季度")
WHOLE_YEAR = "全年"
TARGET = {
    "person": "业务员",
    "office": "部门",
    "kind": "期间类型",
    "starts_on": "期间",
    "sales": "销售额目标",
    "customers": "新增客户目标",
    "satisfaction": "满意度目标",
    "status": "状态",
    "issued_by": "下达人",
    "issued_at": "下达时间",
}
