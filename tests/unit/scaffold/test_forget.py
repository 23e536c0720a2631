"""Whole sources before and after: what stays has kept its bytes."""

from textwrap import dedent

import pytest

from oppman.scaffold.forget import forget

CASES = {
    "a class goes with the import and the private helper that only it needed": (
        """
        from decimal import Decimal
        from typing import Any, ClassVar

        from sqlmodel import SQLModel


        class User(SQLModel):
            kind: ClassVar[str] = "user"


        def _cents(amount: Decimal) -> int:
            return int(amount * 100)


        # What is sold.
        class Product(SQLModel):
            extra: Any = _cents
        """,
        """
        from typing import ClassVar

        from sqlmodel import SQLModel


        class User(SQLModel):
            kind: ClassVar[str] = "user"
        """,
    ),
    "an import loses a name and the module of the resource goes whole": (
        """
        from webapp.routes import auth, product, users
        from webapp.schemas.product import ProductCreate, Other
        import webapp.services.product_service

        print(auth, users)
        """,
        """
        from webapp.routes import auth, users

        print(auth, users)
        """,
    ),
    "a list loses an element and a record goes as a whole": (
        """
        for one in (auth, product, webinar):  # in this order
            print(one)
        TAGS = [
            {"name": "auth", "text": "In."},
            {"name": "products", "text": "Sold."},  # sold
        ]
        LINKS = (("Home", "/"), ("Products", "/x"))
        PAIR = (product, auth)
        """,
        """
        for one in (auth, webinar):  # in this order
            print(one)
        TAGS = [
            {"name": "auth", "text": "In."},
        ]
        LINKS = (("Home", "/"),)
        PAIR = (auth,)
        """,
    ),
    "a constant that is left empty stays, an argument goes with its call": (
        """
        A = 1
        ROUTERS = [
            product,  # sold
        ]
        ROLES = (
            Role("sales", ("product.view", "product.change")),
            Role("admin", ("*",)),
        )
        """,
        """
        A = 1
        ROUTERS = []
        ROLES = (
            Role("admin", ("*",)),
        )
        """,
    ),
    "a keyword argument goes, a call about the resource goes whole": (
        """
        render("home.html", products=products, users=users)
        op.drop_index("ix", table_name="products")
        op.drop_index("ix", table_name="users")
        """,
        """
        render("home.html", users=users)
        op.drop_index("ix", table_name="users")
        """,
    ),
    "a block that is left empty goes, and a dependency that nothing needs": (
        '''
        async def home(request: Request, session: SessionDep) -> None:
            """Ünïcode before a cut."""
            products = await product_service.newest(session)
            if products:
                print("é", products)
            return render(request, é="ü", products=products)


        async def other(session: SessionDep) -> None:
            print(session)
        ''',
        '''
        async def home(request: Request) -> None:
            """Ünïcode before a cut."""
            return render(request, é="ü")


        async def other(session: SessionDep) -> None:
            print(session)
        ''',
    ),
    "what was built on what is gone goes too": (
        """
        CATALOGUE = product_service.all()
        TOTAL = sum(CATALOGUE)
        REST = 1
        """,
        """
        REST = 1
        """,
    ),
    "a word that only begins alike stays": (
        """
        production = producer = "productive"
        RATE = production
        """,
        """
        production = producer = "productive"
        RATE = production
        """,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_forget(case: str) -> None:
    before, after = (dedent(text).lstrip("\n") for text in CASES[case])

    assert forget(before, ["product"]) == after


def test_blank_lines_stay_as_they_parted_what_stays() -> None:
    before = (
        "A = 1\n\nproduct = 2\nproducts = 3\n\n\ndef f() -> None: ...\n\n\n"
        "def product() -> None: ...\n\n\n# Sold.\nclass Product: ...\n"
    )

    assert forget(before, ["product"]) == "A = 1\n\n\ndef f() -> None: ...\n"


def test_a_test_goes_as_a_whole() -> None:
    before = (
        "from webapp.models import Product\n\n\n"
        "def test_a() -> None:\n    x = Product()\n    assert x\n\n\n"
        "def test_b() -> None:\n    assert True\n"
    )

    assert forget(before, ["product"], whole_functions=True) == "def test_b() -> None:\n    assert True\n"


def test_a_source_without_a_mention_keeps_its_bytes() -> None:
    source = "import os\n\n\n\n\n\nx = [1,2 ,3]   # odd, but mine\n"

    assert forget(source, ["product"]) == source
