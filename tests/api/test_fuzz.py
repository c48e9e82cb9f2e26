"""Whatever a program sends, it gets an answer of the description and never a failure."""

from collections.abc import Callable
from typing import Any

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
from sqlalchemy import make_url

from crmlib.api.operations import OPERATIONS, Operation
from crmlib.api.server import PREFIX, Api
from tests import make
from tests.api.conftest import Program

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# What is sent does not depend on the database: the second one is sent less of it.
EXAMPLES = {"sqlite": 15, "postgresql": 5}


@pytest.fixture(scope="module")
def schema() -> Any:
    """The interface as its own description tells of it."""
    return schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", Api())


@pytest.mark.parametrize("each", OPERATIONS, ids=lambda each: each.name)
def test_no_call_fails(
    database: str,
    program: Callable[..., Program],
    monkeypatch: pytest.MonkeyPatch,
    schema: Any,
    each: Operation,
) -> None:
    monkeypatch.setenv("CRM_API_PER_MINUTE", "1000000")
    make.opportunity(make.customer("广州白云幕墙有限公司"))
    headers = {"Authorization": f"Bearer {program('wangqiang').secret}"}
    operation = schema.find_operation_by_id(each.name)
    quiet = settings(
        max_examples=EXAMPLES[make_url(database).get_backend_name()],
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for mode in GenerationMode:

        @quiet
        @given(case=operation.as_strategy(generation_mode=mode))
        def attack(case: Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        attack()
