"""Parts of the demo commands that need no project."""

from oppman.demo.data import DISTINCT, fresh_password


def test_a_fresh_password_is_long_distinct_and_never_the_same() -> None:
    passwords = {fresh_password() for _ in range(100)}
    assert len(passwords) == 100
    assert {len(password) for password in passwords} == {16}
    assert set("".join(passwords)) <= set(DISTINCT)
    assert not set("0O1lI") & set(DISTINCT)
