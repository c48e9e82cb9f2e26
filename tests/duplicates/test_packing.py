"""A packed name is the parsed one."""

from crmlib.duplicates.names import parse
from crmlib.duplicates.packing import PackedNames, Packer
from crmlib.duplicates.training.companies import Register
from crmlib.duplicates.training.corruptions import KINDS

ODD = [
    "",
    "公司",
    "云栖谷（佛山）门窗有限公司",
    "ABC 门窗",
    "青溪-老客户",
    "🙂",
    "长沙" + "鼎" * 300 + "有限公司",
]


def test_packed_names_come_back_as_parsed():
    register = Register(3)
    made = list(register.companies(300))
    texts = [c.name for c in made] + ODD
    texts += [kind(one, register.chance) for kind in KINDS.values() for one in made[:20]]
    packer = Packer()
    for text in texts:
        packer.add(text, parse(text))
    packed = packer.packed()
    assert [packed.name(row, text) for row, text in enumerate(texts)] == [parse(t) for t in texts]
    kept = PackedNames.of(**packed.arrays())
    assert [kept.name(row, text) for row, text in enumerate(texts)] == [parse(t) for t in texts]
