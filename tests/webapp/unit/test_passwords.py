"""The password policy, and how passwords are stored."""

import pytest

from webapp.errors import Invalid
from webapp.passwords import check_password, hash_password, verify_password


@pytest.mark.parametrize(
    "password",
    [
        "", "short", "123456789", "aaaaaaaaaaaa", "AAAAAAaaaaaa", "password1234", "Password!!!!", "1234567890",
        "qwertyuiop", "QwertyUiop", "1q2w3e4r5t", "welcome2026!", "ann@example.com", "ann.anderson", "x" * 257,
        "administrator",
    ],
)  # fmt: skip
def test_a_weak_password_is_refused_with_advice(password: str) -> None:
    email = "ann.anderson@example.com" if password == "ann.anderson" else "ann@example.com"
    with pytest.raises(Invalid) as caught:
        check_password(password, email)
    assert caught.value.fields["password"].startswith("Use ")
    assert not password or password not in str(caught.value)


@pytest.mark.parametrize("password", ["correct horse", "ann likes her tea", "Tr0ub4dor&3x", "ünïcödé wörd", "x9" * 128])
def test_a_good_password_is_accepted(password: str) -> None:
    check_password(password, "ann@example.com")


async def test_a_hash_fits_its_password_alone() -> None:
    hashed = await hash_password("correct horse")
    assert hashed.startswith("$argon2id$")
    assert "correct" not in hashed
    assert (await verify_password("correct horse", hashed))[0]
    assert not (await verify_password("correct horsf", hashed))[0]


async def test_nobody_has_the_password_of_a_missing_user() -> None:
    assert await verify_password("a password that nobody has", None) == (False, None)


async def test_a_weaker_hash_is_renewed() -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher

    weaker = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1, hash_len=16).hash("correct horse")
    fits, renewed = await verify_password("correct horse", weaker)
    assert fits
    assert renewed is not None
    assert (await verify_password("correct horse", renewed)) == (True, None)


async def test_an_endless_password_is_not_even_hashed() -> None:
    assert await verify_password("x" * 10_000_000, await hash_password("correct horse")) == (False, None)
