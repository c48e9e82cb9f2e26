"""One signed POST to a receiver: only to hosts it may go to, within limits, no redirects."""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from threading import Timer
from urllib.parse import SplitResult

from crmlib.api import rules
from crmlib.api.rules import AllowList

PATIENCE = 10  # seconds for each step
DEADLINE = 20  # seconds for all of it, however slowly the receiver drips
PORTS = {"http": 80, "https": 443}
_FAULTS: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionRefusedError, "对方拒绝连接"),
    (ConnectionError, "连接被中断"),
    (http.client.HTTPException, "对方的应答不是 HTTP"),
)
REFUSED = "地址指向本机或未登记的内网，未发送"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: an HTTP status, or why there is none."""

    status: int | None
    fault: str | None
    milliseconds: int

    @property
    def is_good(self) -> bool:
        """Say whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


class Unreachable(Exception):
    """The host may not be reached, or has no address."""


def post(url: str, body: bytes, headers: Mapping[str, str], allowed: AllowList) -> Outcome:
    """Send a body; nothing but the status of the answer is read."""
    begun = time.perf_counter()
    status, fault = None, None
    try:
        status = _post(url, body, headers, allowed)
        if not 200 <= status < 300:
            fault = f"接收方返回 {status}"
    except Unreachable as refusal:
        fault = str(refusal)
    except ssl.SSLError as trouble:
        is_certificate = isinstance(trouble, ssl.SSLCertVerificationError)
        fault = "对方的证书不可信" if is_certificate else "加密连接失败"
    except TimeoutError:
        fault = f"{PATIENCE} 秒内没有应答"
    except (OSError, http.client.HTTPException) as trouble:
        fault = next((text for kind, text in _FAULTS if isinstance(trouble, kind)), "网络不通")
    return Outcome(status, fault, round((time.perf_counter() - begun) * 1000))


def _post(url: str, body: bytes, headers: Mapping[str, str], allowed: AllowList) -> int:
    parts = rules.split(url)
    if parts is None or rules.url_fault(url, allowed):
        raise Unreachable(REFUSED)
    connection = _Pinned(parts, _address(parts, allowed))
    end = Timer(DEADLINE, connection.cut)
    end.daemon = True
    end.start()
    try:
        target = parts.path or "/"
        connection.request(
            "POST", f"{target}?{parts.query}" if parts.query else target, body, dict(headers)
        )
        return connection.getresponse().status
    finally:
        end.cancel()
        connection.close()


def _address(parts: SplitResult, allowed: AllowList) -> tuple[str, int]:
    """Return the number to connect to; a name whose numbers are not all allowed is refused."""
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as fault:
        message = "找不到此主机"
        raise Unreachable(message) from fault
    numbers = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not numbers or not all(allowed.admits(ipaddress.ip_address(n), host) for n in numbers):
        raise Unreachable(REFUSED)
    return numbers[0], port


class _Pinned(http.client.HTTPConnection):
    """Connects to the number that was checked, so that a name cannot change its mind meanwhile."""

    def __init__(self, parts: SplitResult, address: tuple[str, int]) -> None:
        default = PORTS[parts.scheme]
        self.default_port = default
        super().__init__(parts.hostname or "", parts.port or default, timeout=PATIENCE)
        self._name, self._address = parts.hostname or "", address
        self._is_secure = parts.scheme == "https"

    def connect(self) -> None:
        """Open the socket; for https the certificate must be the name's."""
        plain = socket.create_connection(self._address, PATIENCE)
        try:
            self.sock = (
                _trust().wrap_socket(plain, server_hostname=self._name)
                if self._is_secure
                else plain
            )
        except BaseException:
            plain.close()
            raise

    def cut(self) -> None:
        """End a conversation that takes too long."""
        with contextlib.suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
