"""What tokens and webhooks must look like, where a webhook may go, when it is tried again; pure."""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import SplitResult, urlsplit

from crmlib.words import required

NAME_LENGTH, URL_LENGTH = 40, 500
LONGEST_LIFE = timedelta(days=731)
NAME, PERSON, EXPIRES, URL, EVENTS = "名称", "人员", "有效期至", "地址", "事件"
NOT_THERE = "人员 请从在职人员中选择"
EVENT_NAMES: Mapping[str, str] = {
    "customer.created": "客户新增",
    "customer.changed": "客户修改",
    "customer.converted": "转为交易客户",
    "customer.merged": "客户合并",
    "customer.recycled": "客户移入回收站",
    "customer.deleted": "客户彻底删除",
    "contact.created": "联系人新增",
    "contact.changed": "联系人修改",
    "contact.deleted": "联系人删除",
    "opportunity.created": "商机新增",
    "opportunity.changed": "商机修改",
    "opportunity.stage": "商机推进阶段",
    "opportunity.won": "商机赢单",
    "opportunity.lost": "商机输单",
    "opportunity.closed": "商机关闭",
    "opportunity.deleted": "商机删除",
    "order.created": "订单新增",
    "order.changed": "订单修改",
    "order.deleted": "订单删除",
    "activity.created": "活动新增",
    "activity.changed": "活动修改",
    "activity.deleted": "活动删除",
}
TEST_EVENT = "webhook.test"
TOLD = frozenset(name.partition(".")[0] for name in EVENT_NAMES) | {"sales_order"}
# Seconds after each failed attempt; together a day.
PAUSES = (10, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 36000)
# A receiver that took nothing for so long, and refused so often, is told nothing more.
PATIENCE, MANY_FAILURES = timedelta(days=1), 10
_STATUSES = {
    "trading": "customer.converted",
    "merged": "customer.merged",
    "recycled": "customer.recycled",
}
# Tables whose events bear another name.
_NAMED = {"sales_order": "order"}
_VERBS = {"insert": "created", "update": "changed", "delete": "deleted"}


@dataclass(frozen=True, slots=True)
class TokenDraft:
    """What an administrator types about a token."""

    name: str
    person_id: int | None
    may_write: bool = False
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class WebhookDraft:
    """What an administrator types about a webhook."""

    name: str
    url: str
    person_id: int | None
    events: tuple[str, ...] = ()


def token_faults(draft: TokenDraft, today: date) -> dict[str, str]:
    """Return field → message for everything wrong with a new token."""
    faults = _name_faults(draft.name)
    if draft.person_id is None:
        faults["person_id"] = required(PERSON)
    if draft.expires_on is None:
        faults["expires_on"] = required(EXPIRES)
    elif not today <= draft.expires_on <= today + LONGEST_LIFE:
        faults["expires_on"] = f"{EXPIRES} 应在今天之后、{LONGEST_LIFE.days // 365} 年以内"
    return faults


def webhook_faults(draft: WebhookDraft, allowed: "AllowList") -> dict[str, str]:
    """Return field → message for everything wrong with a webhook."""
    faults = _name_faults(draft.name)
    if draft.person_id is None:
        faults["person_id"] = required(PERSON)
    if not draft.events:
        faults["events"] = f"{EVENTS} 请至少选择一项"
    elif set(draft.events) - EVENT_NAMES.keys():
        faults["events"] = f"{EVENTS} 请从列表中选择"
    if fault := url_fault(draft.url, allowed):
        faults["url"] = fault
    return faults


def _name_faults(name: str) -> dict[str, str]:
    if not name:
        return {"name": required(NAME)}
    return {"name": f"{NAME} 不能超过 {NAME_LENGTH} 个字"} if len(name) > NAME_LENGTH else {}


def url_fault(url: str, allowed: "AllowList") -> str | None:
    """Return what is wrong with an address; its host is looked up only when something is sent."""
    if not url:
        return required(URL)
    if len(url) > URL_LENGTH:
        return f"{URL} 不能超过 {URL_LENGTH} 个字"
    parts = split(url)
    if parts is None:
        return f"{URL} 应为 https://主机/路径，不含用户名、密码和空格"
    host = parts.hostname or ""
    if parts.scheme == "http" and not allowed.names(host):
        return f"{URL} 应以 https:// 开头；http:// 只用于信息部登记的内网主机"
    number = _address(host)
    if number is not None and not allowed.admits(number, host):
        return f"{URL} 指向本机或内网，未在信息部登记（CRM_WEBHOOK_HOSTS）"
    return None


def split(url: str) -> SplitResult | None:
    """Return the parts of a well-formed address, None of any other."""
    if not url.isascii() or not url.isprintable() or any(c in ' "<>\\^`{|}' for c in url):
        return None
    try:
        parts = urlsplit(url)
        well = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return None if not well or "@" in parts.netloc or parts.fragment else parts


Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def _inner(address: Address) -> Address:
    """Return the IPv4 address an IPv6 one stands for, or itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        teredo = address.teredo
        return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
    return address


@dataclass(frozen=True, slots=True)
class AllowList:
    """Intranet hosts and networks that webhooks may reach besides the public internet.

    A name opens private addresses, never this machine or its link: those need their number.
    """

    hosts: frozenset[str]
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

    @classmethod
    def of(cls, text: str) -> "AllowList":
        """Return the list written in the settings."""
        hosts, networks = set(), []
        for item in filter(None, (part.strip().lower() for part in text.split(","))):
            try:
                networks.append(ipaddress.ip_network(item, strict=False))
            except ValueError:
                hosts.add(item)
        return cls(frozenset(hosts), tuple(networks))

    def names(self, host: str) -> bool:
        """Say whether a host as written stands on the list."""
        number = _address(host)
        return host.lower() in self.hosts or (number is not None and self._holds(number))

    def admits(self, address: Address, host: str) -> bool:
        """Say whether a webhook to a host may connect to this address."""
        address = _inner(address)
        if self._holds(address):
            return True
        if address.is_loopback or address.is_link_local or address.is_unspecified:
            return False
        if address.is_multicast or (address.is_reserved and not address.is_global):
            return False
        return address.is_global or (address.is_private and host.lower() in self.hosts)

    def _holds(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def events_of(entity: str, kind: str, after: Mapping[str, object] | None) -> list[str]:
    """Return the events one row of the change log makes; none for what is not told."""
    after = after or {}
    entity = _NAMED.get(entity, entity)
    if entity == "opportunity" and kind == "event" and "products" in after:
        kind = "update"  # its products stand in a table of their own
    if entity not in TOLD or kind not in _VERBS:
        return []
    if kind == "update":
        if event := _STATUSES.get(str(after.get("status"))) if entity == "customer" else None:
            return [event]
        if entity == "opportunity":
            return _deal_events(after)
    return [f"{entity}.{_VERBS[kind]}"]


def _deal_events(after: Mapping[str, object]) -> list[str]:
    outcome = str(after.get("outcome"))
    found = [f"opportunity.{outcome}"] if outcome in {"won", "lost"} else []
    found += ["opportunity.closed"] * (after.get("closed") is True)
    return found + ["opportunity.stage"] * ("stage_id" in after) or ["opportunity.changed"]


def pause(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failed attempts, None to give up."""
    return timedelta(seconds=PAUSES[attempts - 1]) if attempts <= len(PAUSES) else None


def signature(key: str, moment: int, body: bytes) -> str:
    """Return the value of the header a receiver checks: HMAC-SHA256 over ``moment.body``."""
    signed = hmac.digest(key.encode(), f"{moment}.".encode() + body, "sha256").hex()
    return f"t={moment},v1={signed}"


def token_key(secret: str) -> str:
    """Return the hash under which a token is known to the database; it is random, so no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def event_labels(events: Iterable[str]) -> str:
    """Return events as people read them."""
    return "、".join(EVENT_NAMES.get(event, event) for event in events)
