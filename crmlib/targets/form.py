"""The sheet of targets as a form: one row of inputs per person or office."""

from collections.abc import Mapping
from typing import Any

from crmlib.targets import rules
from crmlib.targets.kinds import Measure, TargetKind
from crmlib.targets.labels import MEASURES, QUARTERS, WHOLE_YEAR
from crmlib.targets.queries import TargetSheet
from crmlib.targets.rules import RowDraft, SheetDraft
from crmlib.ui.fields import Computed, Field

_CELL_PX = {TargetKind.MONTH: 57, TargetKind.QUARTER: 130, TargetKind.YEAR: 180}
_QUARTER_PX, _YEAR_PX, _NAME_PX = 62, 72, 78
MOST_ROWS = 500


def sheet_fields(kind: TargetKind, measure: Measure) -> list[Field]:
    """Return the one field of the form: names, cells, and sums where they mean something."""
    cells = [
        Field(
            name=f"p{number}",
            label=rules.period_name(kind, number),
            kind="number",
            width=_CELL_PX[kind],
        )
        for number in rules.periods(kind)
    ]
    columns: list[Field | Computed] = [
        Field(name="subject", label="", kind="hidden"),
        Field(name="name", label="对象", kind="readonly", width=_NAME_PX),
        *cells,
    ]
    if measure is not Measure.SATISFACTION and len(cells) > 1:
        columns += _sums(kind, [cell.name for cell in cells])
    return [
        Field(
            name="rows",
            label=MEASURES[measure],
            kind="lines",
            columns=tuple(columns),
            most=MOST_ROWS,
            fixed=True,
            hint="留空表示不设目标",
        )
    ]


def _sums(kind: TargetKind, names: list[str]) -> list[Computed]:
    quarters = [
        Computed(
            name=f"q{at}",
            label=label,
            plus=names[3 * at : 3 * at + 3],
            total=False,
            width=_QUARTER_PX,
        )
        for at, label in enumerate(QUARTERS)
        if kind is TargetKind.MONTH
    ]
    whole = Computed(name="year", label=WHOLE_YEAR, plus=names, total=False, width=_YEAR_PX)
    return [*quarters, whole]


def values_of(sheet: TargetSheet) -> dict[str, Any]:
    """Return the rows the reader sets as the form's first values."""
    rows = [
        {"subject": row.subject, "name": row.name}
        | {
            f"p{number}": cell.value
            for number, cell in zip(rules.periods(sheet.kind), row.cells, strict=True)
        }
        for row in sheet.rows
        if row.settable
    ]
    return {"rows": rows}


def draft_of(sheet: TargetSheet, values: Mapping[str, Any]) -> SheetDraft:
    """Return what was typed as a draft of the sheet."""
    rows = tuple(
        RowDraft(
            str(row["subject"]),
            tuple(row[f"p{number}"] for number in rules.periods(sheet.kind)),
        )
        for row in values["rows"]
    )
    return SheetDraft(sheet.year, sheet.kind, sheet.measure, rows)
