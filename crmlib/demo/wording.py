"""Invented words: people's names, 字号, trades, legal forms, projects, what was said."""

from random import Random

from crmlib.reference.load import data

_SURNAMES = [
    "王wang",
    "李li",
    "张zhang",
    "刘liu",
    "陈chen",
    "杨yang",
    "黄huang",
    "赵zhao",
    "吴wu",
    "周zhou",
    "徐xu",
    "孙sun",
    "马ma",
    "朱zhu",
    "胡hu",
    "郭guo",
    "何he",
    "林lin",
    "罗luo",
    "高gao",
    "梁liang",
    "郑zheng",
    "谢xie",
    "宋song",
    "唐tang",
    "许xu",
    "韩han",
    "邓deng",
    "冯feng",
    "曹cao",
    "彭peng",
    "曾zeng",
    "肖xiao",
    "田tian",
    "董dong",
    "潘pan",
    "袁yuan",
    "蔡cai",
    "蒋jiang",
    "余yu",
    "于yu",
    "杜du",
    "叶ye",
    "程cheng",
    "魏wei",
    "苏su",
    "吕lv",
    "丁ding",
    "任ren",
    "卢lu",
    "姚yao",
    "沈shen",
    "钟zhong",
    "姜jiang",
    "崔cui",
    "谭tan",
    "陆lu",
    "范fan",
    "汪wang",
    "廖liao",
]
_GIVEN = [
    "伟wei",
    "强qiang",
    "敏min",
    "静jing",
    "磊lei",
    "军jun",
    "洋yang",
    "勇yong",
    "艳yan",
    "杰jie",
    "娟juan",
    "涛tao",
    "明ming",
    "超chao",
    "霞xia",
    "平ping",
    "刚gang",
    "桂gui",
    "英ying",
    "华hua",
    "玉yu",
    "萍ping",
    "红hong",
    "建jian",
    "文wen",
    "斌bin",
    "宇yu",
    "浩hao",
    "凯kai",
    "健jian",
    "俊jun",
    "帆fan",
    "雪xue",
    "倩qian",
    "丹dan",
    "峰feng",
    "琳lin",
    "晨chen",
    "博bo",
    "佳jia",
    "欣xin",
    "慧hui",
    "鹏peng",
    "海hai",
    "志zhi",
    "国guo",
    "永yong",
    "春chun",
    "林lin",
    "辉hui",
    "松song",
    "力li",
    "梅mei",
    "芳fang",
    "莉li",
    "娜na",
    "燕yan",
    "飞fei",
    "波bo",
    "毅yi",
]
_HEADS = "恒嘉盛鼎宏瑞华中天金远新安泰兴东南北海云锦明博凯联鸿广德信诚立正利永长高大万润祥福康隆昌源丰百千亿欧美佳优雅创智卓越腾飞龙凤麒鹏翔骏航星晨曦朗景蓝绿翠碧江河湖山岭峰"
_TAILS = "晟信达申盈辰岭天工航丰固筑恒达邦宇桥翼雅盛泰城旋岳粤海云光上元通力业华兴隆源顺和合成功大利润祥安康宁远方圆鑫锐特斯尔迪诺威凯格朗杰豪德铭诚毅坤隆腾跃升"
_SOUNDS = [
    "维尔",
    "凯利",
    "诺森",
    "格林",
    "莱特",
    "迪斯",
    "博朗",
    "艾森",
    "罗曼",
    "卡诺",
    "贝斯",
    "欧尼",
    "派格",
    "瑞森",
    "赛德",
    "汉斯",
    "索菲",
    "利奥",
]
_FORMS = (
    ("有限公司", 0.74),
    ("有限责任公司", 0.10),
    ("股份有限公司", 0.05),
    ("集团有限公司", 0.05),
    ("厂", 0.03),
    ("经营部", 0.03),
)
# Trades by 行业; the industries stand in the order of the reference data.
_TRADES = {
    "幕墙公司": "幕墙 幕墙工程 建筑幕墙 幕墙装饰 玻璃幕墙 幕墙科技",
    "门窗厂": "门窗 门窗系统 铝合金门窗 门窗幕墙 塑钢门窗 节能门窗 门窗制造",
    "房地产开发商": "房地产开发 置业 地产 房地产 城市开发 实业发展",
    "总包/施工单位": "建设 建设工程 建筑工程 建筑安装工程 建工 市政工程 钢结构工程",
    "装饰公司": "装饰工程 建筑装饰 装饰设计工程 装饰 装修工程 室内装饰",
    "设计院/幕墙顾问": "建筑设计 建筑设计院 幕墙顾问 工程设计 建筑设计研究院",
    "经销商": "五金 建材 商贸 贸易 五金建材 五金制品 建筑材料 物资",
    "系统门窗品牌": "系统门窗 门窗科技 家居 智能家居 门窗股份",
    "玻璃加工厂": "玻璃 玻璃制品 安全玻璃 节能玻璃 玻璃科技 特种玻璃",
    "业主单位": "实业 酒店管理 商业管理 投资发展 物业管理 医疗投资",
    "城投/政府平台": "城市建设投资 城市发展投资 交通投资 国有资产经营 水务投资",
    "其他": "科技 发展 机电工程 自动化设备 铝业 铝材 智能科技 环保科技",
}
_INDUSTRY_WEIGHTS = (22, 20, 7, 14, 9, 3, 11, 4, 4, 2, 1, 3)
_PROJECTS = [
    "中心",
    "广场",
    "大厦",
    "花园",
    "国际",
    "产业园",
    "酒店",
    "医院",
    "实验学校",
    "体育馆",
    "会展中心",
    "科技园",
    "总部基地",
    "航站楼",
    "安置房",
    "旧改项目",
]
_LAND = [
    "滨江",
    "金融",
    "云谷",
    "星河",
    "翡翠",
    "万象",
    "城市",
    "未来",
    "凤凰",
    "东湖",
    "西溪",
    "南山",
    "北辰",
    "空港",
    "高铁",
    "中央",
    "临港",
    "龙湖湾",
    "紫金",
    "观澜",
]


def industries() -> list[str]:
    """Return the industries in the order of their dictionary codes."""
    entry = data()["industry"]
    return [*entry["builtin"], *entry["extra"]]


def industry(chance: Random) -> int:
    """Return the place of an industry in ``industries()``, as often as such customers occur."""
    return chance.choices(range(len(_INDUSTRY_WEIGHTS)), _INDUSTRY_WEIGHTS)[0]


def brand(chance: Random) -> str:
    """Return a 字号 of two to four characters."""
    kind = chance.random()
    if kind < 0.08:
        return str(chance.choice(data()["brand_parts_for_sample_names"]))
    if kind < 0.72:
        return chance.choice(_HEADS) + chance.choice(_TAILS)
    if kind < 0.92:
        return chance.choice(_HEADS) + chance.choice(_TAILS) + chance.choice(_TAILS)
    return chance.choice(_HEADS) + chance.choice(_TAILS) + chance.choice(_SOUNDS)


def trade(chance: Random, industry_name: str) -> str:
    """Return a trade as it stands in a company name."""
    return chance.choice(_TRADES[industry_name].split())


def legal_form(chance: Random) -> str:
    """Return a legal form."""
    return chance.choices([f for f, _ in _FORMS], [w for _, w in _FORMS])[0]


def person(chance: Random) -> tuple[str, str]:
    """Return a person's name and its pinyin."""
    surname = chance.choice(_SURNAMES)
    given = [chance.choice(_GIVEN) for _ in range(1 if chance.random() < 0.38 else 2)]
    name = surname[0] + "".join(g[0] for g in given)
    return name, surname[1:] + "".join(g[1:] for g in given)


def romanise(chance: Random) -> str:
    """Return Latin letters that could be a company's domain name."""
    return "".join(chance.choice(_GIVEN)[1:] for _ in range(2))


def project(chance: Random, city: str) -> str:
    """Return the name of a building project."""
    return f"{city}{chance.choice(_LAND)}{chance.choice(_PROJECTS)}{chance.choice(('', '', '一期', '二期', 'A座'))}"


SAID = (
    ("上门拜访", "介绍产品与检测报告", "客户索取样品清单"),
    ("上门拜访", "了解在建项目与采购计划", "下月有新项目开标"),
    ("电话", "跟进报价反馈", "价格需再议"),
    ("电话", "确认到货与安装时间", "按计划进行"),
    ("微信沟通", "发送最新产品样本", "已转给技术部"),
    ("送样/封样", "送执手与传动器样品", "样品封存待签字"),
    ("技术交底/图纸深化", "与设计沟通五金配置", "按方案二深化"),
    ("报价", "提交分项报价单", "等待成本部核价"),
    ("投标", "递交投标文件", "等待开标结果"),
    ("工地巡查", "查看安装进度", "发现两处需返工"),
    ("开会", "项目协调会", "明确交货批次"),
    ("客户关怀", "节日问候", "关系良好"),
    ("售后回访", "回访地弹簧使用情况", "使用正常"),
)
