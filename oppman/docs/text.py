"""Texts in a page as safe HTML: tags in prose are shown, not obeyed, and no picture is loaded from anywhere."""

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markupsafe import Markup

JSON_TOKENS = re.compile(
    r'(?P<string>"(?:\\.|[^"\\])*")(?P<colon>\s*:)?|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)'
)


def html(text: str) -> "Markup":
    """Paragraphs, lists, tables and code of `text` (CommonMark)."""
    return _safe(_parser().render(text or ""))


def inline(text: str) -> "Markup":
    """`text` on one line: emphasis, links and code only."""
    return _safe(_parser().renderInline(" ".join((text or "").split())))


def json_code(text: str) -> "Markup":
    """JSON with its keys, strings, numbers and words marked for the stylesheet."""

    def mark(match: re.Match[str]) -> str:
        if match["string"]:
            kind = "key" if match["colon"] else "string"
            return f'<span class="json-{kind}">{escape(match["string"], quote=False)}</span>{match["colon"] or ""}'
        return f'<span class="json-{"number" if match["number"] else "word"}">{match[0]}</span>'

    parts, end = [], 0
    for match in JSON_TOKENS.finditer(text):
        parts += [escape(text[end : match.start()], quote=False), mark(match)]
        end = match.end()
    return _safe("".join([*parts, escape(text[end:], quote=False)]))


def path_code(path: str) -> "Markup":
    """A route's path with its parameters marked, breakable at its slashes."""
    marked = re.sub(r"\{[^}]*\}", lambda match: f'<span class="parameter">{match[0]}</span>', escape(path))
    return _safe(re.sub(r"(?<=.)(?<!<)/(?!span)", "<wbr>/", marked))


def _safe(markup: str) -> "Markup":
    from markupsafe import Markup

    return Markup(markup)  # noqa: S704 - everything that reaches this line has been escaped


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("image", _picture)
    return parser


def _picture(_renderer: Any, tokens: Any, index: int, _options: Any, _env: Any) -> str:
    """A picture becomes a link to it, so that the page asks for nothing that is not in the folder."""
    address, words = str(tokens[index].attrGet("src") or ""), tokens[index].content
    return f'<a href="{escape(address)}">{escape(words or address)}</a>'
