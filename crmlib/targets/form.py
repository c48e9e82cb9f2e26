"""The sheet of targets as a form: one row of inputs per person or office."""

from collections.abc import Mapping
from typing import Any

from crmlib.targets import rules
from crmlib.targets.kinds import Measure, TargetKind, TargetStatus
from crmlib.targets.labels import MEASURES, QUARTERS, WHOLE_YEAR
from crmlib.targets.queries import SheetRow, TargetSheet
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
            hint="留空表示不设目标；灰色为已锁定、只供查看或合计",
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
    """Return all rows as the form's first values; what the reader cannot set is ``locked``."""
    return {"rows": [_row(sheet, row) for row in sheet.rows]}


def _row(sheet: TargetSheet, row: SheetRow) -> dict[str, Any]:
    cells = dict(zip(rules.periods(sheet.kind), row.cells, strict=True))
    shut = [f"p{number}" for number, cell in cells.items() if cell.state == TargetStatus.LOCKED]
    return {
        "subject": row.subject,
        "name": row.name,
        "locked": shut if row.settable else True,
        **{f"p{number}": cell.value for number, cell in cells.items()},
    }


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
