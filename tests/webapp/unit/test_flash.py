"""The message that travels to the next page."""

from starlette.requests import Request
from starlette.responses import Response

from webapp import flash


def request_with(cookie: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", cookie.encode())]})


def cookie_of(response: Response) -> str:
    return response.headers["set-cookie"].partition(";")[0]


def test_a_message_reaches_the_next_request() -> None:
    response = Response()
    flash.put(response, "Grüße, “Ada” <b>", "warning")
    assert flash.take(request_with(cookie_of(response))) == flash.Flash("Grüße, “Ada” <b>", "warning")


def test_a_message_that_was_tampered_with_is_dropped() -> None:
    response = Response()
    flash.put(response, "Saved.")
    assert flash.take(request_with(cookie_of(response)[:-1])) is None
    assert flash.take(request_with("flash=hello")) is None


def test_no_message_is_none() -> None:
    assert flash.take(request_with("session=abc")) is None


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites() -> None:
    response = Response()
    flash.put(response, "Saved.")
    assert "HttpOnly" in response.headers["set-cookie"]
    assert "SameSite=lax" in response.headers["set-cookie"]


def test_forgetting_tells_the_browser_to_drop_it() -> None:
    response = Response()
    flash.forget(response)
    assert "Max-Age=0" in response.headers["set-cookie"]
