"""The exported pages as a person opens them: from the disk, in a browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from command_line import ROOT, call

PAGES = ("index", "api", "models", "routes", "commands")
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("docs-browser")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation of the starter."""
    root = tmp_path_factory.mktemp("docs")
    for part in ("webapp", "templates", "migrations"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text("[tool.oppman]\n")
    result = call(("docs", "export", "-o", "site"), root, "", None, 120)
    assert result.code == 0, result.stderr
    return root / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium: `playwright install chromium`")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def open_page(browser: Browser, file: Path, size: dict[str, int] = WIDE, *, scheme: str = "light") -> Page:
    context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_ask_for_nothing_outside_complain_of_nothing_and_fit_the_screen(
    browser: Browser, folder: Path, size: dict[str, int]
) -> None:
    context = browser.new_context(viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    trouble: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))

    for name in PAGES:
        page.goto((folder / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"

    outside = [url for url in asked if not url.startswith((folder.as_uri(), "data:"))]
    assert (outside, trouble) == ([], [])
    context.close()


def test_text_stands_out_from_its_ground(browser: Browser, folder: Path, scheme: str) -> None:
    for name in PAGES:
        page = open_page(browser, folder / f"{name}.html", scheme=scheme)
        assert page.evaluate(WEAK_TEXTS) == []
        page.context.close()


def test_the_theme_can_be_chosen_and_is_kept(browser: Browser, folder: Path) -> None:
    page = open_page(browser, folder / "index.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)

    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate(ground)
    page.get_by_role("link", name="Commands").first.click()
    page.wait_for_url("**/commands.html*")  # until then there may be no page to look at

    assert dark != light
    assert page.evaluate(ground) == dark
    page.context.close()


def test_the_contents_can_be_filtered(browser: Browser, folder: Path) -> None:
    page = open_page(browser, folder / "commands.html")

    page.keyboard.press("/")
    page.keyboard.type("db roll")

    shown = page.locator(".contents ul li:visible")
    assert shown.all_inner_texts() == ["db rollback"]
    page.context.close()


def test_on_a_phone_the_menu_opens_over_the_page_and_closes_behind_a_choice(browser: Browser, folder: Path) -> None:
    page = open_page(browser, folder / "commands.html", NARROW)
    menu = page.locator("#menu")
    assert not menu.is_visible()

    page.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="db status").click()

    menu.wait_for(state="hidden")
    assert page.url.endswith("#command-db-status")
    page.context.close()


def test_everything_can_be_read_and_reached_without_a_script(browser: Browser, folder: Path) -> None:
    context = browser.new_context(viewport=NARROW, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto((folder / "api.html").as_uri())

    page.get_by_role("button", name="Menu").click()
    page.locator("#menu").get_by_role("link", name="Models").click()

    page.get_by_role("heading", name="Models").wait_for()
    assert page.locator("svg.diagram").is_visible()
    assert not page.locator(".filter").is_visible()
    context.close()


def test_a_table_of_the_diagram_leads_to_its_columns(browser: Browser, folder: Path) -> None:
    page = open_page(browser, folder / "models.html")

    page.get_by_role("link", name="Table users").click()

    assert page.url.endswith("#table-users")
    assert page.locator("#table-users").is_visible()
    page.context.close()


# Texts whose contrast with what lies behind them is under 4.5 (WCAG 2.2, 1.4.3), measured by painting both colours.
WEAK_TEXTS = """
() => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const paint = (...colours) => {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const light = (rgb) =>
    rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const grounds = (element) => {
    const found = [];
    for (let node = element; node; node = node.parentElement) found.unshift(getComputedStyle(node).backgroundColor);
    return found;
  };
  const weak = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("svg")) continue;
    const behind = grounds(element);
    const [a, b] = [light(paint(...behind)), light(paint(...behind, getComputedStyle(element).color))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.add(`${element.className || element.tagName}: ${ratio.toFixed(2)}`);
  }
  return [...weak];
}
"""
