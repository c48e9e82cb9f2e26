"""What an address says of the queue is read, and nonsense in it does no harm."""

from crmlib.duplicates.model import PairSource, PairStatus
from crmlib.duplicates.selection import Kind, QueueQuery, query_of


def test_an_address_is_read_whole() -> None:
    query = query_of(
        {
            "q.f.status": "deferred",
            "q.f.min": "0.7",
            "q.f.max": "0.9",
            "q.f.region": "3",
            "q.f.source": "import",
            "q.f.kind": "related",
            "q.f.cluster": "3",
            "q.f.owner": "5",
            "q.f.office": "6",
            "q.f.age": "7..30",
            "q.text": "门窗",
            "q.sort": "cluster",
            "q.down": "0",
        }
    )
    assert query == QueueQuery(
        sort="cluster",
        descending=False,
        statuses=(PairStatus.DEFERRED,),
        min_same=0.7,
        max_same=0.9,
        region_id=3,
        sources=(PairSource.IMPORT,),
        text="门窗",
        kind=Kind.RELATED,
        owner_id=5,
        office_id=6,
        min_age=7,
        max_age=30,
        min_cluster=3,
    )


def test_nonsense_is_left_out() -> None:
    wild = {"q.f.min": "nan", "q.f.max": "7", "q.f.region": "x", "q.sort": "1;drop", "q.f.age": "a"}
    assert query_of(wild) == QueueQuery()
    assert query_of({}) == QueueQuery()
    assert query_of({"q.f.status": "-"}).statuses == ()
