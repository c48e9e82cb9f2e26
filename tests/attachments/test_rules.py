"""Names, kinds and sizes of files."""

import pytest

from crmlib.attachments import rules


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("图纸.pdf", "图纸.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\报价.xlsx", "报价.xlsx"),
        ("/abs/path/合同.docx", "合同.docx"),
        ("C:\\用户\\合同.docx", "合同.docx"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ("合同\u202efdp.exe", "合同fdp.exe"),
        ('a<b>"c:|?*.pdf', "a_b__c____.pdf"),
        ("....pdf", "pdf"),
        ("..", "未命名"),
        ("", "未命名"),
        ("CON.pdf", "未命名CON.pdf"),
        ("nul", "未命名nul"),
        (".htaccess", "htaccess"),
    ],
)
def test_names_are_made_harmless(raw: str, clean: str) -> None:
    assert rules.clean_name(raw) == clean


def test_a_long_name_keeps_its_ending() -> None:
    name = rules.clean_name("长" * 300 + ".pdf")
    assert len(name) == rules.LONGEST_NAME
    assert name.endswith(".pdf")


@pytest.mark.parametrize("name", ["x.html", "x.svg", "x.js", "x.exe", "x.pdf.bat", "无扩展名"])
def test_what_a_browser_or_system_runs_is_refused(name: str) -> None:
    assert rules.name_fault(name) == rules.UNKNOWN_KIND


@pytest.mark.parametrize("name", ["x.PDF", "x.docx", "x.jpg", "x.dwg", "x.csv", "x.rar"])
def test_what_an_office_uses_is_taken(name: str) -> None:
    assert rules.name_fault(name) is None


@pytest.mark.parametrize(
    ("name", "head", "fits"),
    [
        ("a.pdf", b"%PDF-1.7", True),
        ("a.pdf", b"<html>", False),
        ("a.jpg", b"\xff\xd8\xff\xe0", True),
        ("a.png", b"\xff\xd8\xff\xe0", False),
        ("a.docx", b"PK\x03\x04", True),
        ("a.docx", b"MZ\x90", False),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", True),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBP", True),
        ("a.webp", b"RIFF\x00\x00\x00\x00WAVE", False),
        ("a.txt", "客户要求".encode("gb18030"), True),
        ("a.txt", b"MZ\x00\x01", False),
        ("a.dwg", b"AC1032", True),
    ],
)
def test_the_content_must_be_what_the_name_says(name: str, head: bytes, fits: bool) -> None:
    fault = rules.content_fault(name, head, len(head))
    assert (fault is None) is fits


def test_empty_and_too_big_files_are_refused() -> None:
    assert rules.content_fault("a.pdf", b"", 0) == rules.EMPTY_FILE
    assert rules.content_fault("a.pdf", b"%PDF-", rules.MOST_BYTES) is None
    assert rules.content_fault("a.pdf", b"%PDF-", rules.MOST_BYTES + 1) == rules.TOO_BIG
