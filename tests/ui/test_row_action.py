"""Steps for selected rows, as the browser is told of them."""

from crmlib.ui.fields import Field
from crmlib.ui.row_action import RowAction, told


def test_a_step_names_its_menu_and_its_button() -> None:
    step = RowAction(
        name="share",
        label="共享",
        menu="编辑",
        submit_label="添加",
        fields=[Field(name="person", label="选择用户")],
        on_submit=lambda _rows, _values, _token: "好",
    )
    found = told(step)
    assert found["menu"] == "编辑"
    assert found["form"]["submit"] == "添加"
    assert told(RowAction(name="a", label="甲"))["menu"] == ""
