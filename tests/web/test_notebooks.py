"""Marimo's applications: what is done once instead of at every click."""

from importlib import metadata

import pytest
from marimo._entrypoints import registry
from marimo._runtime.executor import evaluator

from crmlib.web.notebooks import mounted


def test_what_is_installed_is_read_once(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(registry, "entry_points", metadata.entry_points)
    mounted(tmp_path)
    assert registry.entry_points is not metadata.entry_points
    evaluator.resolve_executor()  # as at every click
    assert registry.entry_points() is registry.entry_points()
