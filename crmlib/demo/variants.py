"""How the same company comes to stand in a list twice, and how sister companies are named."""

from enum import StrEnum
from random import Random

from crmlib.demo import wording
from crmlib.demo.geography import City, cities

# A character, and one that is written for it by mistake.
_MISHEARD = (
    "晟盛 盛晟 鸿宏 宏鸿 辉晖 嘉佳 佳嘉 联连 鑫新 新鑫 华桦 恒衡 铭明 明铭 诚成 成诚 源元 元源 兴星 "
    "达大 泰太 瑞锐 锐瑞 利力 力利 丰峰 峰丰 盈赢 立利 祥翔 翔祥 隆龙 龙隆 航行"
)
_SOUND_ALIKE = {pair[0]: pair[1] for pair in _MISHEARD.split()}


class Relation(StrEnum):
    """What a variant is to its model."""

    SAME = "same"
    AFFILIATE = "affiliate"


def variant(
    chance: Random, relation: Relation, name: str, brand: str, trade: str, city: City
) -> tuple[str, City]:
    """Return another name for the same company, or a sister company's name, with its city."""
    if relation is Relation.SAME:
        return chance.choice(_SAME)(chance, name, brand, city), city
    other = chance.choice(cities())
    kind = chance.random()
    if kind < 0.5:
        return f"{name}{other.name}分公司", other
    if kind < 0.8:
        return f"{other.name}{brand}{trade}有限公司", other
    industry = wording.industries()[wording.industry(chance)]
    return f"{city.name}{brand}{wording.trade(chance, industry)}有限公司", city


def _without_form(_chance: Random, name: str, _brand: str, _city: City) -> str:
    for form in ("有限责任公司", "集团有限公司", "股份有限公司", "有限公司"):
        if name.endswith(form):
            return name.removesuffix(form)
    return f"{name}公司"


def _other_form(_chance: Random, name: str, _brand: str, _city: City) -> str:
    if name.endswith("有限责任公司"):
        return name.replace("有限责任公司", "有限公司")
    return name.replace("有限公司", "有限责任公司") if name.endswith("有限公司") else f"{name}公司"


def _with_province(_chance: Random, name: str, _brand: str, city: City) -> str:
    return (
        name.removeprefix(city.province) if name.startswith(city.province) else city.province + name
    )


def _without_area(_chance: Random, name: str, _brand: str, city: City) -> str:
    for area in (f"（{city.name}）", f"{city.name}市", city.name):
        if area in name:
            return name.replace(area, "", 1)
    return f"{city.name}{name}"


def _sounds_alike(chance: Random, name: str, brand: str, city: City) -> str:
    for place, char in enumerate(brand):
        if char in _SOUND_ALIKE:
            other = brand[:place] + _SOUND_ALIKE[char] + brand[place + 1 :]
            return name.replace(brand, other, 1)
    return _without_area(chance, name, brand, city)


_SAME = (_without_form, _other_form, _with_province, _without_area, _sounds_alike)
