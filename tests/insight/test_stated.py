"""What taken figures say of themselves."""

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.access.grants import Permission
from crmlib.insight.stated import rights_note, stated_lines


def test_rights_in_words(cast: dict[str, Actor]) -> None:
    told = {login: rights_note(actor) for login, actor in cast.items()}
    assert told["sunyue"] == told["zhouting"] == "全公司"
    assert told["zhangwei"] == "本人及下属、共享给本人"
    assert told["chengang"] == "本人、共享给本人"
    assert told["limin"] == "无"
    assert rights_note(cast["limin"], Permission.CUSTOMER_VIEW) == "本部门、本人"


def test_lines_name_filters_time_rights_and_reader(cast: dict[str, Actor]) -> None:
    lines = stated_lines(cast["zhangwei"], {"部门": "广州办", "按": "金额"}, clock.now())
    assert lines[0] == "筛选条件：部门：广州办；按：金额"
    assert lines[1].startswith("数据时间：20")
    assert lines[2] == "数据范围：本人及下属、共享给本人（只含本人有权查看的数据）"
    assert lines[3].startswith("制作人：张伟（")
    assert stated_lines(cast["zhangwei"], {}, clock.now())[0] == "筛选条件：无"
