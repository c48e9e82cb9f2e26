"""Logs keep no query strings, for they carry ids of notebook sessions."""

import logging

from crmlib.web.serve import WithoutQuery


def test_query_strings_never_reach_the_log() -> None:
    record = logging.LogRecord(
        "uvicorn.access",
        logging.INFO,
        "",
        0,
        '%s - "%s %s HTTP/%s" %d',
        ("127.0.0.1:5000", "GET", "/entry/ws?session_id=s_aaaaaa", "1.1", 200),
        None,
    )
    assert WithoutQuery().filter(record)
    assert record.getMessage() == '127.0.0.1:5000 - "GET /entry/ws HTTP/1.1" 200'
