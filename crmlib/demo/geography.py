"""Where the invented firm sells: cities with their province, trunk code and 办事处 letters."""

from dataclasses import dataclass
from functools import cache

# province, letters of its 编号 prefixes, cities in the order of their weight
_PROVINCES = """
广东 GD 广州020 深圳0755 佛山0757 东莞0769 珠海0756 中山0760 惠州0752 江门0750 汕头0754 湛江0759 肇庆0758 茂名0668 清远0763 韶关0751 揭阳0663 梅州0753 阳江0662 河源0762
广西 GX 南宁0771 柳州0772 桂林0773 玉林0775 梧州0774 北海0779 钦州0777 百色0776
海南 HI 海口0898 三亚0898
上海 SH 上海021
江苏 JS 南京025 苏州0512 无锡0510 常州0519 南通0513 徐州0516 扬州0514 镇江0511 泰州0523 盐城0515 淮安0517 连云港0518 宿迁0527
浙江 ZJ 杭州0571 宁波0574 温州0577 嘉兴0573 绍兴0575 台州0576 金华0579 湖州0572 衢州0570 丽水0578 舟山0580
安徽 AH 合肥0551 芜湖0553 蚌埠0552 阜阳0558 安庆0556 滁州0550 六安0564 马鞍山0555 宣城0563 淮北0561
福建 FJ 福州0591 厦门0592 泉州0595 漳州0596 莆田0594 龙岩0597 三明0598 宁德0593 南平0599
江西 JX 南昌0791 赣州0797 九江0792 上饶0793 宜春0795 吉安0796 抚州0794 景德镇0798
山东 SD 济南0531 青岛0532 烟台0535 潍坊0536 临沂0539 淄博0533 济宁0537 威海0631 泰安0538 德州0534 聊城0635 日照0633 菏泽0530
北京 BJ 北京010
天津 TJ 天津022
河北 HE 石家庄0311 唐山0315 保定0312 邯郸0310 廊坊0316 沧州0317 秦皇岛0335 邢台0319 张家口0313 衡水0318
山西 SX 太原0351 大同0352 运城0359 长治0355 临汾0357 晋城0356 晋中0354
内蒙古 NM 呼和浩特0471 包头0472 鄂尔多斯0477 赤峰0476 通辽0475
四川 SC 成都028 绵阳0816 宜宾0831 南充0817 德阳0838 泸州0830 达州0818 乐山0833 遂宁0825 自贡0813
重庆 CQ 重庆023
云南 YN 昆明0871 曲靖0874 大理0872 玉溪0877 红河0873 昭通0870
贵州 GZ 贵阳0851 遵义0851 六盘水0858 毕节0857 安顺0851
西藏 XZ 拉萨0891
湖北 HB 武汉027 襄阳0710 宜昌0717 荆州0716 黄石0714 十堰0719 孝感0712 黄冈0713 荆门0724
湖南 HN 长沙0731 株洲0731 湘潭0731 衡阳0734 岳阳0730 常德0736 郴州0735 邵阳0739 永州0746
河南 HA 郑州0371 洛阳0379 南阳0377 新乡0373 许昌0374 信阳0376 商丘0370 周口0394 安阳0372 平顶山0375
辽宁 LN 沈阳024 大连0411 鞍山0412 锦州0416 营口0417 丹东0415 盘锦0427
吉林 JL 长春0431 吉林0432 四平0434 延边0433
黑龙江 HL 哈尔滨0451 大庆0459 齐齐哈尔0452 牡丹江0453
陕西 SN 西安029 咸阳029 宝鸡0917 渭南0913 榆林0912 汉中0916
甘肃 GS 兰州0931 天水0938 酒泉0937
青海 QH 西宁0971
宁夏 NX 银川0951 吴忠0953
新疆 XJ 乌鲁木齐0991 昌吉0994 伊犁0999 喀什0998
"""
MUNICIPALITIES = frozenset({"北京", "上海", "天津", "重庆"})
_AUTONOMOUS = {"广西": "广西壮族自治区", "内蒙古": "内蒙古自治区", "西藏": "西藏自治区", "宁夏": "宁夏回族自治区", "新疆": "新疆维吾尔自治区"}  # fmt: skip
_PREFECTURES = frozenset({"红河", "延边", "伊犁", "昌吉", "大理", "喀什"})
_DISTRICTS = [
    "高新区",
    "经济技术开发区",
    "新城区",
    "城东区",
    "滨江新区",
    "工业园区",
    "东城街道",
    "西城街道",
    "城南街道",
    "北站街道",
    "临港新区",
    "空港工业园",
]
_STREETS = [
    "人民路",
    "中山路",
    "解放路",
    "建设路",
    "和平路",
    "新华路",
    "胜利路",
    "工业大道",
    "创业路",
    "科技大道",
    "长江路",
    "黄河路",
    "迎宾大道",
    "文化路",
    "建材市场路",
    "幸福路",
    "光明路",
    "北环路",
    "南环路",
    "滨河路",
    "振兴路",
    "学府路",
    "站前路",
    "民族大道",
]
# Districts of the cities in which the cast works, so that the first screens look like home.
_KNOWN_DISTRICTS = {
    "广州": ["天河区", "番禺区", "白云区", "黄埔区", "海珠区", "增城区"],
    "深圳": ["南山区", "福田区", "宝安区", "龙岗区", "龙华区"],
    "佛山": ["顺德区", "南海区", "禅城区", "三水区"],
    "上海": ["浦东新区", "闵行区", "松江区", "嘉定区", "青浦区", "宝山区"],
    "北京": ["朝阳区", "海淀区", "丰台区", "大兴区", "通州区", "昌平区"],
    "天津": ["武清区", "滨海新区", "西青区", "津南区"],
    "重庆": ["渝北区", "九龙坡区", "江北区", "巴南区"],
    "成都": ["武侯区", "青羊区", "双流区", "龙泉驿区", "温江区"],
    "武汉": ["江汉区", "洪山区", "东西湖区", "江夏区"],
}


@dataclass(frozen=True, slots=True)
class City:
    """A city, its trunk code for telephone numbers and how an address begins."""

    name: str
    province: str
    letters: str
    trunk: str
    weight: float

    @property
    def full(self) -> str:
        """Return how an address begins: 广东省佛山市, 上海市."""
        if self.name in MUNICIPALITIES:
            return f"{self.name}市"
        suffix = "州" if self.name in _PREFECTURES else "市"
        return f"{_AUTONOMOUS.get(self.province, f'{self.province}省')}{self.name}{suffix}"

    @property
    def town(self) -> str:
        """Return the name with 市 where it is one."""
        return self.name if self.name in _PREFECTURES else f"{self.name}市"

    def address(self, a: float, b: float, c: float) -> str:
        """Return an address made of three chances in [0, 1)."""
        districts = _KNOWN_DISTRICTS.get(self.name, _DISTRICTS)
        district, street = districts[int(a * len(districts))], _STREETS[int(b * len(_STREETS))]
        number = int(c * 899) + 1
        room = f"{int(a * 97) % 28 + 1}0{int(b * 89) % 9 + 1}室" if c > 0.55 else ""
        return f"{self.full}{district}{street}{number}号{room}"


@cache
def cities() -> tuple[City, ...]:
    """Return all cities; the first of a province weighs most."""
    made = []
    for line in _PROVINCES.split("\n"):
        province, letters, *names = line.split() or ("", "")
        for place, raw in enumerate(names):
            name = raw.rstrip("0123456789")
            weight = _market(province) / (place + 1.4)
            made.append(City(name, province, letters, raw[len(name) :], weight))
    return tuple(made)


def _market(province: str) -> float:
    return {
        "广东": 5.0,
        "江苏": 3.5,
        "浙江": 3.2,
        "上海": 3.6,
        "北京": 3.2,
        "山东": 2.4,
        "四川": 2.2,
        "湖北": 1.9,
        "福建": 1.8,
        "河南": 1.8,
        "重庆": 1.8,
        "西藏": 0.2,
        "青海": 0.3,
        "宁夏": 0.4,
    }.get(province, 1.2)


@cache
def city_named(name: str) -> City:
    """Return the city of that name."""
    return next(c for c in cities() if c.name == name)
