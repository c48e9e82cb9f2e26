"""What may be attached: names made harmless, kinds known by ending and first bytes, sizes."""

from collections.abc import Callable

from crmlib.store.text import clean

MOST_BYTES = 20 * 1024 * 1024
LONGEST_NAME = 120
HEAD_BYTES = 512  # how much of a file its kind is told from
TOO_BIG = f"文件不能超过 {MOST_BYTES // 1024 // 1024} MB"
EMPTY_FILE = "文件是空的"
UNNAMED = "未命名"
_FORBIDDEN = set('<>:"|?*')
# Names Windows keeps for devices, whatever the ending.
_DEVICES = {"CON", "PRN", "AUX", "NUL"} | {f"{d}{n}" for d in ("COM", "LPT") for n in range(1, 10)}


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


def _is_text(head: bytes) -> bool:
    return b"\0" not in head


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


_ZIP = _begins(b"PK\x03\x04", b"PK\x05\x06")
_OLE = _begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_TIFF = _begins(b"II*\0", b"MM\0*")
_KINDS: dict[str, Callable[[bytes], bool]] = {
    "pdf": _begins(b"%PDF-"),
    "png": _begins(b"\x89PNG\r\n\x1a\n"),
    "jpg": _begins(b"\xff\xd8\xff"),
    "jpeg": _begins(b"\xff\xd8\xff"),
    "gif": _begins(b"GIF87a", b"GIF89a"),
    "bmp": _begins(b"BM"),
    "webp": _is_webp,
    "tif": _TIFF,
    "tiff": _TIFF,
    **dict.fromkeys(("docx", "xlsx", "pptx", "zip"), _ZIP),
    **dict.fromkeys(("doc", "xls", "ppt", "wps", "et", "dps", "msg"), _OLE),
    "rar": _begins(b"Rar!\x1a\x07"),
    "7z": _begins(b"7z\xbc\xaf\x27\x1c"),
    "dwg": _begins(b"AC10"),
    **dict.fromkeys(("txt", "csv", "dxf", "eml"), _is_text),
}
KINDS = tuple(_KINDS)
UNKNOWN_KIND = "不支持此类文件，可上传：图片、PDF、Office/WPS 文档、文本、CAD 图纸、压缩包"
NOT_ITS_KIND = "文件内容与扩展名 .{kind} 不符"


def clean_name(raw: str) -> str:
    """Return a file's name without folders, unseen characters and what some system forbids."""
    last = clean(raw).replace("\\", "/").rpartition("/")[2]
    plain = "".join("_" if c in _FORBIDDEN else c for c in last).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        stem, ending = plain, ""
    if not stem or stem.split(".")[0].strip().upper() in _DEVICES:
        stem = f"{UNNAMED}{stem}"
    room = LONGEST_NAME - len(ending) - len(dot)
    return f"{stem[:room].rstrip()}{dot}{ending}" if room > 0 else UNNAMED


def kind_of(name: str) -> str:
    """Return the ending of a cleaned name in small letters, empty without one."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def name_fault(name: str) -> str | None:
    """Return what is wrong with the name of a file that wants in."""
    return None if kind_of(name) in _KINDS else UNKNOWN_KIND


def content_fault(name: str, head: bytes, size: int) -> str | None:
    """Return what is wrong with a file, given its first bytes and its size."""
    if not size:
        return EMPTY_FILE
    if size > MOST_BYTES:
        return TOO_BIG
    kind = kind_of(name)
    return None if _KINDS[kind](head) else NOT_ITS_KIND.format(kind=kind)
