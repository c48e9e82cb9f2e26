"""Names out of a list pasted from a chat or a workbook: numbering, further columns, notes."""

import re
from dataclasses import dataclass

from crmlib.store.text import clean

MOST_NAMES = 200
NONE_FOUND = "请粘贴客户名称，每行一个"
TOO_MANY = "一次最多分析 {most} 个名称，现有 {count} 个，请分批粘贴"
_NAME_HEADINGS = frozenset(
    (
        "客户名称",
        "公司名称",
        "单位名称",
        "企业名称",
        "名称",
        "客户",
        "公司",
        "单位",
        "name",
        "company",
    )
)
_HEADINGS = _NAME_HEADINGS | {
    *(
        "序号",
        "行号",
        "编号",
        "代码",
        "客户代码",
        "no",
        "no.",
        "电话",
        "联系电话",
        "手机",
        "手机号",
    ),
    *("联系人", "姓名", "地址", "区域", "地区", "行业", "负责人", "业务员", "备注"),
}
# 1、 1. 1) (1) （1） ① 第1家： No.1 and marks of a list.
_NUMBERING = re.compile(
    r"^\s*(?:[-*•·●◆■▪–—]+\s*|[①-⑳]\s*|[(（]\s*\d{1,4}\s*[)）]\s*|(?:no\.?\s*)?\d{1,4}\s*[、.．:：)）]\s*(?!\d))",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[-\s]?)?(?:1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}|0\d{2,3}[-\s]?\d{7,8}|[48]00[-\s]?\d{3,4}[-\s]?\d{3,4})(?!\d)"
)
_LANDLINE = re.compile(r"(?:0\d{2,3}[-\s]?)?\d{7,8}(?:[-转]\d{1,5})?|1\d{10}")
_SIGNS = " ,，;；:：、-（("
_LABEL = re.compile(
    rf"[{re.escape(_SIGNS)}]*(?:联系)?(?:电话|手机|tel\.?)[{re.escape(_SIGNS)}]*$", re.IGNORECASE
)
_DIGITS = str.maketrans("０１２３４５６７８９－", "0123456789-")
_SPACES = re.compile(r"\s*[\t|｜]\s*|\s{3,}")
_LETTERS = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True, slots=True)
class PastedName:
    """A name of the list; ``line`` counts the lines as pasted, from 1."""

    line: int
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a pasted text holds; ``skipped`` counts lines without a name, not the empty ones."""

    names: tuple[PastedName, ...]
    empty: int
    skipped: int


def read_pasted(text: str) -> Pasted:
    """Return the names of a pasted list in their order, with a phone where one stands beside."""
    names: list[PastedName] = []
    empty = skipped = column = 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not clean(line):
            empty += 1
            continue
        cells = _cells(line)
        if _is_heading(cells):
            column = next((i for i, c in enumerate(cells) if c.lower() in _NAME_HEADINGS), 0)
            skipped += 1
            continue
        name, phone = _read(cells, column)
        if name:
            names.append(PastedName(number, name, phone))
        else:
            skipped += 1
    return Pasted(tuple(names), empty, skipped)


def _cells(line: str) -> list[str]:
    return [clean(cell.strip().strip('"')) for cell in _SPACES.split(line.strip(" "))]


def _is_heading(cells: list[str]) -> bool:
    return all(not cell or cell.lower() in _HEADINGS for cell in cells)


def _read(cells: list[str], column: int) -> tuple[str, str]:
    """Return the first cell that is a name, and the first that is a phone.

    Where a heading said which column has the names, that one is looked at first.
    """
    name = phone = ""
    for cell in [*cells[column : column + 1], *cells]:
        bare, found = _without_phone(_without_number(cell))
        phone = phone or found
        if not name and _LETTERS.search(bare):
            name = bare
    return name, phone if name else ""


def _without_number(cell: str) -> str:
    return _NUMBERING.sub("", cell, count=1).strip()


def _without_phone(cell: str) -> tuple[str, str]:
    plain = cell.translate(_DIGITS)
    if _LANDLINE.fullmatch(plain):
        return "", plain
    found = _PHONE.search(plain)
    if found is None:
        return cell, ""
    # What stands behind the phone is a person or a note, not the name.
    rest = plain[: found.start()] or plain[found.end() :]
    return _LABEL.sub("", rest).strip(_SIGNS), found[0].strip()
