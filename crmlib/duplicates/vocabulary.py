"""Word lists for Chinese company names: trades, legal forms, branch endings, notes, English."""

from typing import Final

_TRADE_WORDS = """
建筑 建设 建材 建筑材料 建筑装饰 建筑安装 建筑劳务 建筑科技 建工 建筑设计 工程
工程技术 土木 土石方 装饰 装修 装潢 装璜 装饰材料 装饰设计 家装 门窗 幕墙 门业 窗业
铝业 铝材 铝合金 塑钢 塑胶 塑料 塑业 玻璃 钢结构 钢构 钢铁 钢材 钢管 不锈钢 金属
金属材料 金属制品 五金 五金制品 五金机电 五金交电 五金建材 模具 紧固件 铸造 机电
机电设备 机电安装 机械 机械设备 机械制造 机床 设备 设备安装 设备租赁 电气 电器 电力
电子 电子科技 电子商务 电缆 线缆 光缆 电线 电梯 电脑 电信 通信 通讯 自动化 智能
智能化 智能科技 仪器 仪表 仪器仪表 光电 光学 光伏 照明 灯饰 灯具 科技 科技发展 技术
技术服务 技术开发 信息 信息技术 信息科技 信息咨询 网络 网络科技 网络工程 网络技术 软件
软件科技 软件开发 计算机 数码 数据 互联网 贸易 商贸 工贸 经贸 国际贸易 进出口 外贸
物资 供销 供应链 商业 商务 商务服务 实业 实业发展 产业 企业 企业管理 管理 管理咨询
管理服务 投资 投资管理 投资发展 投资咨询 资本 资产 资产管理 资产评估 股权投资 控股
金融 基金 典当 担保 融资 融资租赁 保险 财产保险 人寿保险 证券 银行 信托 房地产
房地产开发 房产 房屋 房产经纪 房地产经纪 房地产营销 房地产评估 房地产测绘 地产 置业
置地 不动产 物业 物业管理 物业服务 开发 城建 城市建设 市政 市政工程 园林 园林绿化
园林景观 园艺 园林工程 绿化 景观 景观工程 花木 苗木 设计 规划 规划设计 勘察 勘察设计
测绘 监理 工程监理 工程咨询 工程管理 工程设计 项目管理 造价 招标 咨询 顾问 策划 营销
营销策划 广告 广告设计 传媒 文化 文化传媒 文化传播 文化发展 影视 影视文化 传播 艺术
会展 展览 展示 会议 会务 礼仪 摄影 印刷 印务 包装 包装材料 纸业 纸品 纸制品 环保
环保科技 环保工程 环境 环境工程 环境科技 净化 水处理 水务 水利 水电 水电安装 给排水
节能 能源 新能源 燃气 热力 石油 石化 石油化工 天然气 化工 化学 化工科技 涂料 油漆
涂装 防水 防腐 防腐保温 保温 保温材料 防火 消防 消防工程 安防 安全 保安 保安服务
弱电 运输 货运 货物运输 物流 快递 仓储 配送 交通 道路 公路 路桥 桥梁 隧道 港口
航运 船舶 海运 航空 铁路 汽车 汽车销售 汽车销售服务 汽车维修 汽车服务 汽车租赁
汽车运输 汽车贸易 汽配 汽车配件 摩托车 车业 轮胎 医药 药业 制药 医疗 医疗器械
医疗设备 药房 大药房 医院 生物 生物科技 生物工程 生物技术 保健 健康 健康管理 养老
美容 美发 卫生 食品 饮料 酒业 酒店 酒店管理 大酒店 宾馆 饭店 餐饮 餐饮管理 茶业
茶叶 粮油 粮食 水产 畜牧 养殖 种植 农业 农业科技 农业发展 农业开发 生态 生态农业
农资 农机 种业 饲料 肥业 化肥 果业 蔬菜 牧业 林业 渔业 乳业 肉类 烟草 盐业 糖业
服装 服饰 鞋业 鞋店 皮革 皮草 皮具 纺织 针织 印染 家纺 布艺 丝绸 化纤 毛纺 羽绒
箱包 珠宝 首饰 黄金 钟表 眼镜 玩具 工艺品 工艺 礼品 文具 办公 办公设备 办公用品
家具 家私 家居 家居用品 家电 厨具 厨房设备 卫浴 洁具 陶瓷 瓷业 石材 石业 木业 木材
竹业 地板 砂石 砖瓦 混凝土 商品混凝土 水泥 水泥制品 新型建材 新材料 材料 材料科技
复合材料 橡胶 橡塑 制品 用品 日用品 生活用品 百货 超市 连锁 连锁经营 便利店 商店
商行 商场 市场 市场管理 批发 零售 经营 加工 制造 生产 安装 维修 服务 销售 租赁
设备销售 建材销售 发展 集团 国际 劳务 劳务分包 劳务派遣 分包 人力资源 教育 教育咨询
教育科技 培训 体育 健身 健身器材 娱乐 旅游 旅行社 旅游开发 矿业 煤业 煤炭 煤矿 冶金
有色金属 铁合金 锰业 硅业 稀土 矿产 铜业 锌业 地质 钻井 爆破 起重 吊装 起重设备
泵业 阀门 轴承 电机 电池 电源 变压器 开关 空调 制冷 制冷设备 暖通 通风 锅炉
压力容器 太阳能 充电 芯片 半导体 精密 精密机械 数控 机器人 航天 重工 重型 工业 轻工
器材 配件 零部件 消毒 清洁 保洁 家政 洗涤 搬家 再生资源 回收 废旧物资 拆除 加固
声学 音响 乐器 器械 检测 工程质量检测 质量检测 检验 认证 审计 会计 税务 法律
知识产权 代理 代理记账 拍卖 中介 经纪 评估 土地 土地整理 电商 传动 液压 气动 密封
弹簧 焊接 电镀 热处理 粉末 颜料 制药设备 制冷工程 净化工程 温泉 景区 演艺 动漫 游戏
出版 图书 书店 报业 广播 电视 电影
"""
TRADES: Final = frozenset(_TRADE_WORDS.split())

# What the clerk writes for what is registered; both sides are mapped before trades are compared.
SYNONYMS: Final = {
    "装修": "装饰", "装潢": "装饰", "装璜": "装饰", "商贸": "贸易", "经贸": "贸易", "工贸": "贸易",
    "房产": "房地产", "地产": "房地产", "置业": "房地产", "顾问": "咨询", "电器": "电气", "建设": "建筑",
    "钢构": "钢结构", "窗业": "门窗", "门业": "门窗", "物业服务": "物业管理", "通讯": "通信", "科技": "技术",
    "制造": "生产", "维护": "维修", "货运": "运输", "家私": "家具", "园艺": "园林", "药房": "医药",
    "药业": "医药", "制药": "医药", "灯饰": "照明", "电脑": "计算机",
}  # fmt: skip

_FORM_WORDS = """
集团有限责任公司 集团股份有限公司 集团控股有限公司 控股集团有限公司 控股股份有限公司
实业集团有限公司 有限责任总公司 有限责任公司 股份有限公司 集团有限公司 控股有限公司
个人独资企业 集团总公司 个体工商户 专业合作社 有限公司 股份公司 集团公司 有限合伙
普通合伙 合伙企业 研究中心 总公司 制品厂 加工厂 经营部 门市部 营业部 工作室 事务所
合作社 研究院 研究所 设计院 服务部 经销部 销售部 批发部 维修部 公司 个体 集团 股份
总厂 有限 商行 商店 中心 厂
"""
FORMS: Final = tuple(_FORM_WORDS.split())  # the longest first

_BRANCH_WORDS = """
分公司 支公司 分店 连锁店 分厂 营业部 办事处 项目部 项目经理部 事业部 经营部 门市部
分部 分院 分所 营业厅 分中心 服务部 代表处 售楼处 专卖店 旗舰店 直营店 加盟店 体验店
供应站 加油站 服务站 销售部 经理部 工程处 工程部 支行 分行 分理处 药店 店 厂 站 处
部 连锁 中心 分号
"""
BRANCH_ENDS: Final = tuple(_BRANCH_WORDS.split())

# Notes that people append to a name; they say nothing of the company.
_NOTE_WORDS = """
老客户 新客户 大客户 重点客户 重点 老板 经理 先生 女士 小姐 主任 师傅 采购 联系人
已停用 停用 作废 重复 倒闭 注销 已注销 勿用 勿删 测试 现款 月结 欠款 黑名单 转介绍
介绍 待定 暂停 意向 潜在 成交 已成交 未成交 vip 工地 项目 代理商 经销商 原名
曾用名 旧 新 备用 备注 客户 付款 开票 已改名 更名 总 工
"""
NOTES: Final = tuple(_NOTE_WORDS.split())

ENGLISH: Final = {
    "construction": "建筑", "engineering": "工程", "decoration": "装饰", "trading": "贸易",
    "trade": "贸易", "technology": "科技", "technologies": "科技", "tech": "科技",
    "electronics": "电子", "electronic": "电子", "electric": "电气", "electrical": "电气",
    "equipment": "设备", "machinery": "机械", "hardware": "五金", "investment": "投资",
    "international": "国际", "real": "房地产", "estate": "房地产", "property": "物业",
    "properties": "置业", "development": "发展", "industrial": "实业", "industry": "工业",
    "industries": "实业", "building": "建筑", "materials": "材料", "material": "材料",
    "glass": "玻璃", "door": "门业", "doors": "门业", "window": "门窗", "windows": "门窗",
    "curtain": "幕墙", "wall": "幕墙", "aluminum": "铝业", "aluminium": "铝业",
    "steel": "钢铁", "structure": "结构", "metal": "金属", "design": "设计",
    "consulting": "咨询", "culture": "文化", "media": "传媒", "advertising": "广告",
    "logistics": "物流", "transport": "运输", "transportation": "运输", "food": "食品",
    "foods": "食品", "pharmaceutical": "医药", "pharmacy": "药房", "medical": "医疗",
    "chemical": "化工", "energy": "能源", "power": "电力", "environmental": "环保",
    "environment": "环境", "protection": "环保", "software": "软件", "information": "信息",
    "network": "网络", "communication": "通信", "furniture": "家具", "home": "家居",
    "clothing": "服装", "garment": "服饰", "textile": "纺织", "agriculture": "农业",
    "agricultural": "农业", "management": "管理", "service": "服务", "services": "服务",
    "automation": "自动化", "intelligent": "智能", "lighting": "照明", "packaging": "包装",
    "printing": "印刷", "plastic": "塑料", "plastics": "塑料", "rubber": "橡胶",
    "auto": "汽车", "automobile": "汽车", "hotel": "酒店", "landscape": "景观",
    "garden": "园林", "municipal": "市政", "installation": "安装", "manufacturing": "制造",
    "products": "制品", "product": "制品", "mining": "矿业", "education": "教育",
    "tourism": "旅游", "biotechnology": "生物", "bio": "生物", "group": "集团",
    "holding": "控股", "holdings": "控股", "commercial": "商业", "business": "商务",
    "import": "进出口", "export": "进出口", "labor": "劳务", "labour": "劳务", "fire": "消防",
    "water": "水务", "security": "安防", "insurance": "保险", "leasing": "租赁",
    "rental": "租赁", "supply": "供应链", "chain": "供应链", "system": "系统",
    "systems": "系统", "facade": "幕墙", "insulation": "保温", "stone": "石材",
    "wood": "木业",
}  # fmt: skip

_NOISE_WORDS = "and co company corp corporation inc limited llc ltd of the"
ENGLISH_NOISE: Final = frozenset(_NOISE_WORDS.split())
ENGLISH_CITIES: Final = {
    "tibet": "xizang", "innermongolia": "neimenggu", "hongkong": "xianggang",
    "macau": "aomen", "macao": "aomen", "peking": "beijing", "canton": "guangzhou",
    "urumqi": "wulumuqi", "shaanxi": "shanxi", "harbin": "haerbin", "lhasa": "lasa",
    "hohhot": "huhehaote",
}  # fmt: skip

# Characters that are mistaken for each other on paper or screen.
_LOOK_ALIKE_GROUPS = """
末未 土士 己已巳 日曰 人入八 大太犬 天夭 干千 王玉 今令 牛午 贝见 乌鸟 免兔 茶荼
候侯 戊戌戍 申甲由 风凤 历厉 拨拔 哀衷 晴睛 暧暖 辨辩 班斑 幕墓慕 华毕 桦哗 鑫森
晶品 昊旲 宏宠 玮伟 炜祎 钰珏 锐锋 铭铬 盛晟 泰秦 奉奏春 亨享 辰展 坚竖 朗郎
佳住往 庆厌 广厂 万方 丰韦 东车 力刀 九丸 金全 昌冒 明朋 林木 森林 利刊 源原 海诲
洋详 洪供 浩诰 清请情
"""
LOOK_ALIKE: Final = tuple(_LOOK_ALIKE_GROUPS.split())

NUMERALS: Final = "一二三四五六七八九十"
