from oppman.docs import text


def test_markdown_becomes_html_in_which_tags_are_only_shown() -> None:
    assert text.html("A *word* <script>alert(1)</script>\n\n- one") == (
        "<p>A <em>word</em> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n<ul>\n<li>one</li>\n</ul>\n"
    )


def test_a_picture_becomes_a_link_so_that_nothing_is_loaded() -> None:
    assert text.inline('![a <b>](https://example.com/"x.png)') == (
        '<a href="https://example.com/%22x.png">a &lt;b&gt;</a>'
    )


def test_a_link_that_would_run_a_script_is_none() -> None:
    assert "<a" not in text.inline("[x](javascript:alert(1))")
    assert "href" not in text.inline("![x](javascript:alert(1))")


def test_inline_text_stays_on_one_line() -> None:
    assert text.inline("one\n\n# two `three`") == "one # two <code>three</code>"


def test_json_is_marked_for_the_stylesheet_and_escaped() -> None:
    assert text.json_code('{"a": "<\\"b", "n": [-1.5, true]}') == (
        '{<span class="json-key">"a"</span>: <span class="json-string">"&lt;\\"b"</span>, '
        '<span class="json-key">"n"</span>: [<span class="json-number">-1.5</span>, '
        '<span class="json-word">true</span>]}'
    )


def test_a_path_may_break_at_its_slashes_and_shows_its_parameters() -> None:
    assert text.path_code("/boats/{boat_id}/<x>") == (
        '/boats<wbr>/<span class="parameter">{boat_id}</span><wbr>/&lt;x&gt;'
    )
    assert text.path_code("/files/{path:path}") == '/files<wbr>/<span class="parameter">{path:path}</span>'
