"""A browser without a screen: one kept connection, a session, times in milliseconds."""

import http.client
import re
import socket
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode


@dataclass
class Measured:
    """What one page took, request by request."""

    name: str
    times: list[float] = field(default_factory=list)  # milliseconds
    queries: set[int] = field(default_factory=set)

    def at(self, share: float) -> float:
        """The time that `share` of the requests stayed under, ms."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Browser:
    """Speaks to the server at `port` as the holder of `session`."""

    def __init__(self, port: int, session: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.line.connect()
        assert isinstance(self.line.sock, socket.socket)
        self.line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.cookies = {"sessionid": session}
        self.token = ""

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Host": "localhost", "Cookie": cookies}

    def send(
        self, method: str, path: str, data: dict[str, str] | None = None, *, fine: tuple[int, ...] = (200,)
    ) -> tuple[float, int, str]:
        """One request: milliseconds, queries, the page. Fails on a status that is not `fine`."""
        headers, body = self._headers(), None
        if data is not None:
            body = urlencode(data)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": self.token,
                "Referer": "http://localhost/",
            }
        started = time.perf_counter()
        self.line.request(method, path, body, headers)
        response = self.line.getresponse()
        page = response.read().decode(errors="replace")
        took = (time.perf_counter() - started) * 1_000
        for name, value in response.getheaders():
            if name.lower() == "set-cookie" and (found := re.match(r"(\w+)=([^;]*)", value)):
                self.cookies[found[1]] = found[2]
        if response.status not in fine:
            raise RuntimeError(f"{method} {path} answered {response.status}: {page[:300]}")
        return took, int(response.getheader("X-Queries", "0")), page

    def learn_token(self, path: str = "/inbox/") -> None:
        """Read the forgery token from a page."""
        page = self.send("GET", path)[2]
        found = re.search(r'X-CSRFToken&?[^:]*: ?(?:&quot;|")([A-Za-z0-9]+)', page)
        if found is None:
            raise RuntimeError("No forgery token on the page.")
        self.token = found[1]


class _Fields(HTMLParser):
    """The named fields of a page with the values they hold, wherever they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self.radios: dict[str, list[str]] = {}
        self.open: tuple[str, str] | None = None  # the select or textarea that is open: its tag and name

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        name, kind = got.get("name", ""), got.get("type", "text")
        if tag == "input" and name and kind == "radio":
            self.radios.setdefault(name, []).append(got.get("value", ""))
        if tag == "input" and name and (kind not in ("radio", "checkbox") or "checked" in got):
            self.data[name] = got.get("value", "on" if kind == "checkbox" else "")
        if tag in ("select", "textarea") and name:
            self.open = tag, name
            if tag == "textarea":
                self.data.setdefault(name, "")
        if tag == "option" and self.open and ("selected" in got or self.open[1] not in self.data):
            self.data[self.open[1]] = got.get("value", "")  # the first, where none is selected

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag == self.open[0]:
            self.open = None

    def handle_data(self, data: str) -> None:
        if self.open and self.open[0] == "textarea":
            self.data[self.open[1]] += data


def fields_of(page: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """What a browser would send back of a page, and the choices of each group of radio buttons."""
    reader = _Fields()
    reader.feed(page)
    return reader.data, reader.radios
