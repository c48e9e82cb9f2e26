"""Words that name nobody: an area, a trade, a legal form; a search for them would list the base."""

from crmlib.duplicates.names import ParsedName, parse

GENERIC = "请输入更完整的名称（字号）再查"
_WORDS = frozenset(
    (
        *("公司", "有限", "有限公司", "有限责任公司", "股份", "股份公司", "股份有限公司"),
        *("集团公司", "分公司", "中国", "全国", "华南", "华东", "华北", "华中", "西南", "西北"),
        *("东北", "第一", "第二", "大学", "银行", "医院", "学校", "酒店"),
    )
)
_SHORTEST, _LONGEST_TRADE = 2, 4
_BRAND = "恒晟"  # any 字号


def is_generic(name: ParsedName) -> bool:
    """Say whether a name is made of areas, trades and forms alone."""
    if name.key in _WORDS or len(name.key) < _SHORTEST:
        return True
    if not name.brand and len(name.core) <= _LONGEST_TRADE:
        return True
    # 广州 alone is taken for a 字号; with one behind it, it is an area.
    return parse(name.key + _BRAND).brand == _BRAND
