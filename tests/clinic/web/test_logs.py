"""Log lines hold no secret of an address (R-HS-07)."""

from clinic.web.logs import masked


def test_tokens_are_left_out() -> None:
    line = {"request": "GET /welcome/AbC-123_x/", "user_agent": "A browser", "ip": "127.0.0.1"}
    assert masked(None, "info", line) == {"request": "GET /welcome/…/", "ip": "127.0.0.1"}
    reset = {"request": "GET /accounts/password/reset/key/1-abc-def/"}
    assert masked(None, "info", reset) == {"request": "GET /accounts/password/reset/key/…/"}


def test_other_addresses_stay() -> None:
    line = {"request": "GET /chart/01a2/"}
    assert masked(None, "info", dict(line)) == line
