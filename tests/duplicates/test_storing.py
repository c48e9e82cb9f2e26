"""The index on disk: read back as it was, and never when it does not fit."""

import os

import pytest

from crmlib.duplicates import storing
from crmlib.duplicates.search import SearchIndex

ROWS = [
    {"id": 11, "name": "广州市云栖谷门窗有限公司", "phone": "020-81234567"},
    {"id": 12, "name": "长沙鼎曜装饰设计有限公司", "province": "湖南", "city": "长沙"},
    {"id": 13, "name": "鼎曜（福建）装饰有限公司", "uscc": "91350100MA0K00000X"},
]


@pytest.fixture
def index():
    made = SearchIndex()
    made.build(ROWS)
    return made


def test_stored_index_answers_the_same(index, tmp_path):
    index.put(99, {"name": "海口椰屿家具有限公司", "mobile": "13900001111"})
    index.put(12, {"name": "长沙鼎曜幕墙有限公司"})
    index.remove(11)
    storing.write(tmp_path / "index.npz", index, {"place": "7"})
    loaded, facts = storing.read(tmp_path / "index.npz")
    assert facts == {"place": "7"}
    for typed in (
        "海口椰屿家具",
        "广州云栖谷门窗",
        "csdymq",
        "鼎曜装饰",
        "鼎曜（福建）装饰有限公司",
    ):
        assert loaded.find(typed) == index.find(typed)
    assert loaded.find("改了名", phone="13900001111") == index.find("改了名", phone="13900001111")
    assert len(loaded) == len(index)


def test_loaded_index_takes_changes(index, tmp_path):
    index.put(99, {"name": "海口椰屿家具有限公司"})
    storing.write(tmp_path / "index.npz", index, {})
    loaded, _ = storing.read(tmp_path / "index.npz")
    loaded.put(99, {"name": "北海珠湾船舶有限公司"})
    loaded.remove(13)
    assert loaded.search("北海珠湾船舶", 1)[0][0] == 99
    assert all(found != 99 for found, _ in loaded.search("海口椰屿家具"))
    assert len(loaded) == 3


def test_what_changes_after_freezing_is_not_written(index):
    frozen = SearchIndex.of(index.frozen())
    index.remove(11)
    assert len(frozen) == 3
    assert len(index) == 2


@pytest.mark.parametrize("spoil", ["missing", "empty", "cut", "turned", "other"])
def test_file_that_does_not_fit_is_refused(index, tmp_path, spoil, monkeypatch):
    path = tmp_path / "index.npz"
    storing.write(path, index, {})
    whole = path.read_bytes()
    if spoil == "missing":
        path.unlink()
    elif spoil == "empty":
        path.write_bytes(b"")
    elif spoil == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif spoil == "turned":
        middle = len(whole) // 2
        path.write_bytes(
            whole[:middle]
            + bytes(255 - b for b in whole[middle : middle + 64])
            + whole[middle + 64 :]
        )
    else:
        monkeypatch.setattr(storing, "version", lambda: "of a later program")
    with pytest.raises(storing.Unfit):
        storing.read(path)


def test_file_is_replaced_whole_and_for_its_owner_only(index, tmp_path):
    path = tmp_path / "index.npz"
    storing.write(path, index, {})
    left = path.with_name("index.npz.1.tmp")  # by a process that was killed
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    storing.write(path, index, {"turn": 2})
    assert storing.read(path)[1] == {"turn": 2}
    assert [p.name for p in tmp_path.iterdir()] == ["index.npz"]
    assert path.stat().st_mode & 0o077 == 0


def test_many_replaced_customers_wear_an_index_out(monkeypatch):
    monkeypatch.setattr("crmlib.duplicates.search._WORN_FROM", 20)
    index = SearchIndex()
    index.build({"id": n, "name": f"昆明磐泽{chr(0x4E00 + n)}石材有限公司"} for n in range(30))
    assert not index.is_worn()
    for number in range(20):
        index.put(number, {"name": f"昆明磐泽{chr(0x5000 + number)}木业有限公司"})
    assert index.is_worn()
