"""Invented records with copies, branches and neighbours, for the search for pairs."""

import random

import polars as pl

_AREAS = ["广州市", "佛山", "宁波", "成都市", "长沙", "武汉", "重庆", "郑州", "合肥", "西安市"]
_TRADES = ["门窗", "幕墙工程", "装饰设计", "建筑安装工程", "房地产开发", "五金制品", "贸易", "物流"]
_SYLLABLES = "云栖谷青溪远帆鼎曜松岚砚禾磐泽椰屿澜庭朔原珠湾煤岭景华瑞丰嘉和安盛恒业新德"
_FORMS = ["有限公司", "有限责任公司", "股份有限公司", ""]


def some_records(count: int, seed: int) -> pl.DataFrame:
    """Records of which about every third is like another one in some way."""
    chance = random.Random(seed)
    rows: list[dict[str, object]] = []
    for number in range(1, count + 1):
        row = _record(number, chance)
        if rows and chance.random() < 0.35:
            other = chance.choice(rows)
            row["name"] = _changed(str(other["name"]), chance)
            for field in ("phone", "email", "address", "contact1", "region"):
                if chance.random() < 0.5:
                    row[field] = other[field]
        rows.append(row)
    return pl.DataFrame(rows)


def _record(number: int, chance: random.Random) -> dict[str, object]:
    area = chance.choice(_AREAS)
    brand = "".join(chance.sample(_SYLLABLES, chance.choice((2, 3, 4))))
    return {
        "id": number,
        "name": area + brand + chance.choice(_TRADES) + chance.choice(_FORMS),
        "phone": f"0{chance.randrange(20, 30)}-8{number:07}" if chance.random() < 0.7 else "",
        "email": f"a{number}@qq.com" if chance.random() < 0.4 else "",
        "address": f"{area}松岚路{chance.randrange(1, 40)}号" if chance.random() < 0.6 else "",
        "contact1": "顾" + "".join(chance.sample(_SYLLABLES, 2)) if chance.random() < 0.6 else "",
        "region": "",
    }


def _changed(name: str, chance: random.Random) -> str:
    place = chance.randrange(len(name))
    kind = chance.randrange(6)
    if kind == 0:
        return name[:place] + chance.choice(_SYLLABLES) + name[place + 1 :]
    if kind == 1:
        return name.replace("有限公司", "有限公司佛山分公司")
    if kind == 2:
        return name.replace("有限公司", "")
    if kind == 3:
        return next((name.removeprefix(area) for area in _AREAS if name.startswith(area)), name)
    if kind == 4:
        return name[:place] + name[place + 1 :] if len(name) > 5 else name
    return name
