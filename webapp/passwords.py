"""Passwords: what is accepted, how one is stored, how one is compared.

Hashing takes tens of milliseconds of a core on purpose. It runs in a thread; do it before a transaction's first
statement, or other writers wait for it.
"""

import asyncio
import re
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from webapp.errors import Invalid
from webapp.settings import get_settings

MIN_LENGTH = 10
MAX_LENGTH = 256  # so that nobody makes us hash a book

# Too common even with digits or signs before or after them.
_COMMON = frozenset(
    """
    access account admin administrator baseball batman changeme changeit charlie computer default dragon flower
    football freedom fuckyou guest hello iloveyou internet jesus jordan killer letmein liverpool login loveme lovely
    manager master michael monkey mustang mypassword mysecret ninja nothing oppman pass passw0rd passwd password
    passwort pokemon princess qazwsx qazwsxedc qwerty qwertyuiop qwertz qwertzuiop root samsung secret shadow
    starwars summer sunshine superman superuser supervisor temp temporary test testing thisisapassword topsecret
    trustno user welcome whatever winter zxcvbn zxcvbnm asdfgh asdfghjkl asdfasdf abcabc abcdef abcdefgh abcdefghij
    abcdefghijkl p@ssword p@ssw0rd
    """.split()  # noqa: SIM905
)
_RUNS = ("01234567890123456789", "98765432109876543210", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_PATTERNS = frozenset({"1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5", "qazwsxedcrfv", "zaq12wsxcde3"})


def check_password(password: str, email: str = "") -> None:
    """Raise `Invalid` (field `password`) unless the password is acceptable for that person."""
    if problem := _problem(password, email.strip().lower()):
        raise Invalid("The password is not acceptable.", problem, {"password": problem})


async def hash_password(password: str) -> str:
    """The argon2 hash to store."""
    return await asyncio.to_thread(_hasher().hash, password)


async def verify_password(password: str, hashed: str | None) -> tuple[bool, str | None]:
    """Whether the password fits, and a new hash to store if the old one was made with weaker parameters.

    Without a hash (nobody of that name) it takes as long and says no.
    """
    if len(password) > MAX_LENGTH:
        return False, None
    return await asyncio.to_thread(_verify, password, hashed)


def _verify(password: str, hashed: str | None) -> tuple[bool, str | None]:
    if hashed is None:
        _hasher().verify(password, _dummy_hash())
        return False, None
    return _hasher().verify_and_update(password, hashed)


def _problem(password: str, email: str) -> str | None:
    lowered = password.lower()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", lowered)
    if len(password) < MIN_LENGTH:
        return f"Use at least {MIN_LENGTH} characters; three or four random words are easy to remember."
    if len(password) > MAX_LENGTH:
        return f"Use at most {MAX_LENGTH} characters."
    if len(set(lowered)) == 1:
        return "Use more than one character; three or four random words are easy to remember."
    if email and lowered in {email, email.partition("@")[0]}:
        return "Use something that is not in your email address."
    if lowered in _COMMON or core in _COMMON or lowered in _PATTERNS or any(lowered in run for run in _RUNS):
        return "Use a password that is not among the commonest; three or four random words are easy to remember."
    return None


@lru_cache
def _hasher() -> PasswordHash:
    # ENVIRONMENT=test hashes cheaply, so that a test run does not spend its time here.
    cheap = get_settings().environment == "test"
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else Argon2Hasher(),))


@lru_cache
def _dummy_hash() -> str:
    return _hasher().hash("a password that nobody has")
