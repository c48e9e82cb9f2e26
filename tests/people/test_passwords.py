"""First passwords."""

from crmlib.errors import Invalid
from crmlib.people.passwords import check_new_password, hash_password, initial_password


def test_a_first_password_is_as_strong_as_ones_own_must_be() -> None:
    # A sixth of twelve letters drawn blindly would hold no digit.
    other = hash_password("another-1")
    for _ in range(60):
        password = initial_password()
        try:
            check_new_password(password, password, login="newhire", old_hash=other)
        except Invalid as fault:
            raise AssertionError(password) from fault
