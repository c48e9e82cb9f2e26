"""Words from which company names are invented: weighed as such words are in use."""

from random import Random
from typing import Final

from crmlib.duplicates.gazetteer import Place, abbreviations, places
from crmlib.duplicates.vocabulary import TRADES

# The commonest first: a rank decides how often a character begins or ends a brand.
_CHARACTERS = """
金华鑫宏新东天恒中盛信安泰大兴永瑞德诚达海嘉江亿富佳南博万顺美建龙正丰和创三联鸿众国昌鼎远
长利润福源林百星亚云通康银广平西北隆祥明城山伟成友荣强世力科腾合凯俊立生辉锦汇晨宝飞圣贵英
雅兰京高元同春豪吉威文振航方庆凤益茂旭时景清裕瀚尚志峰麒光浩升阳欣聚普惠良翔卓君心意思伦悦
巨卡奥优爱乐凌晟铭竹蓝绿青紫红白黑火木水土石玉珠翠霞虹霖雨雪冰川河湖泉溪洋涛波浪岭岳峻岩松
柏桂梅桐枫杨柳荷莲菊芳菲草禾谷田园庄村家居宇轩阁楼堂馆府院厦桥路街门窗户台亭坊铺记号行业商
贸工农士贤才学书画诗歌舞琴棋艺术品味香茗酒食味鲜甜蜜果桃李杏枣橙柠檬橘梨葡萄莓瓜豆麦稻米粮
甲乙丙丁一二四五六七八九十千双全完善仁义礼智孝忠勇勤俭廉洁公平等自由民主进步先锋领军冠军王
皇帝后妃卿侯伯子爵胜捷速迅快捷便易简约朴素真诺言承启开拓展望前程似锦绣球舟帆船港湾岛屿洲沙
"""
HEADS: Final = tuple(dict.fromkeys("".join(_CHARACTERS.split())))
_ENDINGS = """
达鑫盛源泰华丰宇信诚兴成安隆通力祥美润昌发和海洋星旺德利业佳豪博联顺康创辉邦腾峰升龙林航瑞
宏大明阳城荣远强翔益凯捷茂福飞光生嘉天云江春元景卓恒铭亿洁汇友合威杰亚尔斯特克曼迪诺莱森维
森尼朗普思凡帝雅尚品居然筑建艺轩阁园景山水木石金银铜铁钢玉珠宝石堂坊记家人和众民生活力量子
博学智慧文化风云雷电火焰光影声色香味道德行知新悦心意念思想梦幻真实基础石油田野原平川谷河湖
"""
TAILS: Final = tuple(dict.fromkeys("".join(_ENDINGS.split())))
SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖"
_GIVEN = "伟强敏静磊军洋勇艳杰娟涛明超霞平刚桂英华玉萍红建文斌宇浩凯健俊帆雪倩丹峰琳晨博佳欣慧鹏海志国永春辉松力梅芳莉娜燕飞波毅"
_FOREIGN = """
维尔 凯利 诺森 格林 莱特 迪斯 博朗 艾森 罗曼 卡诺 贝斯 欧尼 派格 瑞森 赛德 汉斯 索菲 麦克 菲林 德兰
奥普 利安 斯泰 伦巴 西蒙 托马 克莱 亚伯 弗兰 雷诺 圣保 泰格 沃德 乔恩 米兰 巴顿 史丹 普林 哈德 罗兰
"""
FOREIGN: Final = tuple(_FOREIGN.split())
_COMMON_TRADES = """
建筑工程 贸易 商贸 科技 建材 装饰工程 房地产开发 建设工程 装饰 建筑安装工程 建筑装饰工程 电子
机械设备 五金 机电设备 装饰材料 物业管理 门窗 建设 实业 广告 园林绿化工程 环保科技 投资 五金制品
钢结构工程 建筑劳务 房地产 工程 市政工程 设计 装饰设计 置业 机械 家具 幕墙工程 玻璃 物流 运输 电气
汽车销售服务 食品 药业 医疗器械 服饰 文化传媒 网络科技 信息技术 塑料制品 水电安装工程 消防工程 化工
农业科技 农业开发 生态农业 酒店管理 餐饮管理 企业管理咨询 电力工程 能源 新能源科技 智能科技 铝业 钢材
不锈钢制品 混凝土 水泥制品 石材 木业 家居 陶瓷 照明 电器 纺织 服装 印刷 包装材料 矿业 煤业 水利水电工程
路桥工程 公路工程 工程监理 工程项目管理 工程咨询 建筑设计 勘察设计 防水工程 防腐保温工程 钢构 暖通设备
"""
COMMON_TRADES: Final = tuple(_COMMON_TRADES.split())
_SORTED_TRADES = tuple(sorted(t for t in TRADES if 2 <= len(t) <= 4))
_FORM_SHARES = (
    ("有限公司", 76), ("有限责任公司", 11), ("股份有限公司", 2.5), ("厂", 2), ("公司", 2),
    ("集团有限公司", 2), ("加工厂", 1), ("经营部", 1), ("门市部", 0.7), ("总公司", 0.5), ("制品厂", 0.6),
    ("集团公司", 0.3), ("集团股份有限公司", 0.3), ("商行", 0.5), ("工作室", 0.2),
)  # fmt: skip
_FORM_NAMES, _FORM_WEIGHTS = zip(*_FORM_SHARES, strict=True)


def _ranked(size: int, offset: float, power: float) -> list[float]:
    """Cumulated weights that fall with the rank."""
    total, sums = 0.0, []
    for rank in range(size):
        total += 1 / (rank + offset) ** power
        sums.append(total)
    return sums


_HEAD_WEIGHTS = _ranked(len(HEADS), 9, 1.0)
_TAIL_WEIGHTS = _ranked(len(TAILS), 15, 1.0)
_TRADE_WEIGHTS = _ranked(len(COMMON_TRADES), 4, 0.9)


def pair(chance: Random) -> str:
    """Two characters as a brand of two; some are in much use."""
    head = chance.choices(HEADS, cum_weights=_HEAD_WEIGHTS)[0]
    tail = chance.choices(TAILS, cum_weights=_TAIL_WEIGHTS)[0]
    return head + (tail if tail != head else chance.choice(TAILS))


def person(chance: Random) -> str:
    """Somebody's name."""
    given = "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2))))
    return chance.choice(SURNAMES) + given


def brand(chance: Random) -> str:
    """A 字号 that may be new or may exist already, by chance."""
    kind = chance.random()
    if kind < 0.60:
        return pair(chance)
    if kind < 0.74:
        return pair(chance) + chance.choices(TAILS, cum_weights=_TAIL_WEIGHTS)[0]
    if kind < 0.88:
        return pair(chance) + pair(chance)
    if kind < 0.93:
        return chance.choice(FOREIGN) + chance.choice(TAILS + FOREIGN)
    if kind < 0.96:
        return person(chance)
    if kind < 0.975:
        return chance.choice(SURNAMES) + "氏"
    return pair(chance) + chance.choice("一二三四五六七八") + chance.choice(("建", "局", "冶"))


def trade(chance: Random) -> str:
    """A trade, of one word or two."""
    kind = chance.random()
    if kind < 0.78:
        return chance.choices(COMMON_TRADES, cum_weights=_TRADE_WEIGHTS)[0]
    if kind < 0.83:  # a trade that no word list has
        return "".join(chance.choices(HEADS, k=2)) + chance.choice(("", "工程", "科技", "制品"))
    first = chance.choice(_SORTED_TRADES)
    if kind < 0.91:
        return first
    second = chance.choice(_SORTED_TRADES)
    return first + second if second not in first and first not in second else first


def form(chance: Random) -> str:
    """A legal form."""
    return str(chance.choices(_FORM_NAMES, weights=_FORM_WEIGHTS)[0])


def spots() -> list[tuple[str, Place]]:
    """Every place by its bare name, in a stable order."""
    return [(name, options[0]) for name, options in sorted(places().items()) if len(name) > 1]


def short_province(province: str) -> str:
    """One-character name of a province (粤), empty when it has none."""
    return next((c for c, place in abbreviations().items() if place.province == province), "")
