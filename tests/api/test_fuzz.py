"""Whatever a program sends, it gets an answer of the description and never a failure."""

from collections.abc import Callable

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from crmlib.api.operations import OPERATIONS
from crmlib.api.server import PREFIX, Api
from tests import make
from tests.api.conftest import Program

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
QUIET = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("each", OPERATIONS, ids=lambda each: each.name)
def test_no_call_fails(
    program: Callable[..., Program],
    monkeypatch: pytest.MonkeyPatch,
    each: object,
    mode: GenerationMode,
) -> None:
    monkeypatch.setenv("CRM_API_PER_MINUTE", "1000000")
    make.opportunity(make.customer("广州白云幕墙有限公司"))
    headers = {"Authorization": f"Bearer {program('wangqiang').secret}"}
    schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", Api())
    operation = schema.find_operation_by_id(each.name)  # type: ignore[attr-defined]

    @QUIET
    @given(case=operation.as_strategy(generation_mode=mode))
    def attack(case: Case) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    attack()
