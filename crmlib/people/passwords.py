"""Passwords: only argon2 hashes are stored."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crmlib.errors import Invalid

MIN_LENGTH = 8
# Without 0/O, 1/l/I: it is read from a slip of paper.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hash_password(password: str) -> str:
    """Return the hash to store."""
    return _hasher().hash(password)


def is_password(stored: str, password: str) -> bool:
    """Say whether the password belongs to the stored hash."""
    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def initial_password() -> str:
    """Return a first password, shown once and to be replaced at first sign-in."""
    while True:
        password = "".join(secrets.choice(_ALPHABET) for _ in range(12))
        if not _is_weak(password):
            return password


def _is_weak(password: str) -> bool:
    kinds = sum(any(test(c) for c in password) for test in (str.isalpha, str.isdigit))
    return len(password) < MIN_LENGTH or kinds < 2


def check_new_password(password: str, again: str, *, login: str, old_hash: str) -> None:
    """Refuse a weak or unchanged password.

    Raises:
        Invalid: all faults at once.
    """
    faults: dict[str, str] = {}
    if _is_weak(password):
        faults["password"] = f"密码至少 {MIN_LENGTH} 位，须同时包含字母和数字"
    elif login.lower() in password.lower():
        faults["password"] = "密码不能包含登录名"
    elif is_password(old_hash, password):
        faults["password"] = "新密码不能与原密码相同"
    if password != again:
        faults["again"] = "两次输入的密码不一致"
    if faults:
        raise Invalid(faults)
