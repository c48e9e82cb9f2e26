"""What a message must have."""

import pytest

from crmlib.inbox import rules


@pytest.mark.parametrize(
    ("recipients", "groups", "title", "body", "fields"),
    [
        ([1], [], "标题", "正文", set()),
        ([], ["general_office"], "标题", "正文", set()),
        ([], [], "", "", {"recipients", "title", "body"}),
        ([1], ["everybody"], "标题", "正文", {"recipients"}),
        ([1], [], "题" * 121, "正" * 5001, {"title", "body"}),
        ([1], [], "题" * 120, "正" * 5000, set()),
    ],
)
def test_faults_of_a_message(
    recipients: list[int], groups: list[str], title: str, body: str, fields: set[str]
) -> None:
    assert set(rules.faults(recipients, groups, title, body)) == fields
