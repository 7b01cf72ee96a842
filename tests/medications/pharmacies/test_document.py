"""The document: what it says, its code, what it may fetch; never a good-looking one for what is void."""

import re
import stat
import zlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.outbox import actions as outbox
from medications.pharmacies import actions, backends, calc, codes, document, queries
from medications.pharmacies.models import Transmission
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Prescription
from tests.cast import Cast
from tests.medications.pharmacies.given import chosen, later, sent, state, way
from tests.medications.prescribing.given import Whatever, pack, regimen, started, supply

STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
FONT = re.compile(rb"/FontName /([^ /\n]+)")
SHELF = document.ORIGIN + "/static/css/prescription.css"


def unpacked(stream: bytes) -> bytes:
    """What a stream of a PDF holds, if it is packed."""
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return b""


def kept(row: Transmission) -> Transmission:
    """With everything that a document needs."""
    return queries.with_all(Transmission.objects.filter(pk=row.pk)).get()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1", "one"), ("15", "fifteen"), ("30", "thirty"), ("45.5", "forty-five and a half"),
        ("22.5", "twenty-two and a half"), ("0.25", "a quarter"), ("100", "one hundred"), ("0", "zero"),
        ("215", "two hundred fifteen"), ("10000", "ten thousand"), ("1234", "one thousand two hundred thirty-four"),
        ("4.125", "four point one two five"), ("2.1", "two point one"), ("0.05", "zero point zero five"),
    ],
)  # fmt: skip
def test_quantities_in_words(value: str, words: str) -> None:
    assert calc.in_words(Decimal(value)) == words


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_no_two_quantities_read_alike(one: int, other: int) -> None:
    assert (calc.in_words(Decimal(one)) == calc.in_words(Decimal(other))) == (one == other)


def test_it_says_everything_that_a_pharmacy_needs(cast: Cast) -> None:
    cast.priya.npi = "1999900017"
    cast.priya.save()
    chosen(cast)
    given_ = regimen(quantity="1.5")
    row = kept(way(started(cast.ana, by=cast.priya, regimen=given_, supply=supply(45, 30, 2))))
    page = document.html(row)
    for words in (
        "Tandem Test Clinic", "1 Alder St, Portland, OR 97205", "Priya Raman, PMHNP", "NPI 1999900017", "Ana Quiroga",
        "born May 17, 1990", "Sertraline, tablet, 50 mg", given_.sig, "<strong>45</strong> (forty-five) tablets",
        "<strong>2</strong> (two)", "Date Mar 2, 2026", "<dt>Substitution</dt>", "Alderfinch Pharmacy",
        "NCPDP 3899018", row.code,
    ):  # fmt: skip
        assert words in page, words
    assert document.pdf(row).startswith(b"%PDF-")


def test_a_titration_pack_is_told_step_by_step_and_adds_up(cast: Cast) -> None:
    """The last step takes what is left, so that the steps are together what is dispensed."""
    given_ = {"regimen": regimen("lamotrigine", 25), "answers": Whatever(), **pack(1, 14, quantity=64, days=27)}
    row = kept(way(started(cast.ana, by=cast.priya, drug="lamotrigine", **given_)))
    steps = row.content["steps"]
    assert [(one["days"], one["quantity"], one["unit"]) for one in steps] == [
        ("day 1", "1", "tablet"), ("days 2 to 15", "28", "tablets"), ("from day 16", "35", "tablets")
    ]  # fmt: skip
    assert steps[1]["sig"] == "Take 2 tablets (50\u00a0mg) by mouth each morning."
    assert sum(Decimal(one["quantity"]) for one in steps) == Decimal(row.content["quantity"])
    page = " ".join(document.html(row).split())
    assert '<th scope="row">Days 2 to 15</th>' in page
    assert '<td class="rx-right">64 tablets</td>' in page


def test_an_ordinary_prescription_has_no_steps(cast: Cast) -> None:
    assert "Step by step" not in document.html(kept(way(started(cast.ana, by=cast.priya))))


def test_what_is_not_recorded_is_said(cast: Cast) -> None:
    page = document.html(kept(way(started(cast.ana, by=cast.priya))))
    for words in ("NPI not recorded", "address not recorded"):
        assert words in page


def test_the_letters_travel_with_it(cast: Cast) -> None:
    """A name such as Thảo Nguyễn is drawn by our own font, whatever the machine that makes the PDF has."""
    cast.ana.family_name = "Nguyễn"
    cast.ana.save()
    made = document.pdf(kept(way(started(cast.ana, by=cast.priya))))
    fonts = set(FONT.findall(made + b"".join(map(unpacked, STREAM.findall(made)))))
    assert fonts
    assert [one for one in fonts if b"Source" not in one] == []


def test_the_content_stays_as_it_was_signed(cast: Cast) -> None:
    where = chosen(cast)
    row = way(started(cast.ana, by=cast.priya))
    cast.ana.family_name = "Renamed"
    cast.ana.save()
    actions.change_pharmacy(where, based_on=None, by=cast.max, name="Renamed Pharmacy", address_line="2 B St",
                            city="Salem", state="OR", zip_code="97301", phone="503-555-0199")  # fmt: skip
    page = document.html(kept(row))
    assert "Renamed" not in page
    assert codes.genuine(kept(row))


@pytest.mark.parametrize("how", ["undone", "discontinued"])
def test_what_is_void_says_so_across_and_carries_no_code(cast: Cast, how: str) -> None:
    row = way(started(cast.ana, by=cast.priya))
    code = row.code
    if how == "undone":
        actions.undo(row, by=cast.priya)
    else:
        with later(10):
            outbox.deliver_due()
        prescribing.stop(Prescription.objects.get(pk=row.authorisation.prescription_id), reason="x y", by=cast.priya)
    page = document.html(kept(row))
    assert f'<p class="rx-across">{how}</p>' in page
    assert code not in page
    assert "Not to be filled." in page


def test_the_code_depends_on_every_word_and_on_the_key(cast: Cast) -> None:
    content = kept(way(started(cast.ana, by=cast.priya))).content
    code = calc.verification_code(content, "key")
    assert code == calc.verification_code(dict(reversed(content.items())), "key")
    assert code != calc.verification_code(content, "another")
    for name in content:
        assert calc.verification_code(content | {name: "x"}, "key") != code, name
    assert len(code) == 14
    assert calc.read_code(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == code


@pytest.mark.parametrize("typed", ["", "1234", "7K4M-Q2XD-9RTB-", "7K4M-Q2XD-9RTB-7K4M", "????-????-????", "é" * 12])
def test_what_is_no_code(typed: str) -> None:
    assert calc.read_code(typed) in ("", "7K4M-Q2XD-9RTB")


def test_an_older_key_still_proves(cast: Cast, settings: Any) -> None:
    row = kept(way(started(cast.ana, by=cast.priya)))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the practice, newer"
    assert codes.genuine(row)
    settings.SECRET_KEY_FALLBACKS = []
    assert not codes.genuine(row)


def test_content_that_was_changed_is_not_genuine(cast: Cast) -> None:
    row = kept(way(started(cast.ana, by=cast.priya)))
    row.content["quantity"] = "300"
    assert not codes.genuine(row)
    assert row.code not in document.html(row)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "https://example.org/x.css", "http://127.0.0.1:80/", "data:text/css,a{}",
        document.ORIGIN + "/patients/", document.ORIGIN + "/static/../clinic/settings.py",
        document.ORIGIN + "/static/%2e%2e/clinic/settings.py", document.ORIGIN + "/static/nothing.css",
        "https://tandem.invalid.example.org/static/css/prescription.css", "ftp://tandem.invalid/static/css/x.css",
    ],
)  # fmt: skip
def test_nothing_is_fetched_but_our_static_files(url: str) -> None:
    with pytest.raises(ValueError, match="static file"):
        document.static_file(url)


def test_our_static_files_are_found_with_their_hash_too() -> None:
    assert b".rx-sheet" in document.static_file(SHELF)
    assert document.static_file(SHELF.replace(".css", ".0123456789ab.css")) == document.static_file(SHELF)


def test_a_page_that_names_a_foreign_address_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """WeasyPrint is given nothing but our fetcher: a socket would be opened over our dead body."""
    import socket

    def never(*args: object, **kwargs: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket, "create_connection", never)
    page = '<p>x</p><img src="http://127.0.0.1:9/x.svg"><link rel="stylesheet" href="file:///etc/passwd">'
    assert document.pdf_of(page).startswith(b"%PDF-")


def test_the_file_and_printer_back_end_writes_once_and_for_itself_only(cast: Cast, folder: Path) -> None:
    row = sent(cast)
    (file,) = folder.iterdir()
    assert (file.name, file.read_bytes()[:5]) == (f"{row.pk}.pdf", b"%PDF-")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    backends.current().send(kept(row))
    assert len(list(folder.iterdir())) == 1


def test_without_the_libraries_a_page_to_print_is_kept(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(page: str) -> bytes:
        raise document.NoLibraries

    monkeypatch.setattr(document, "pdf_of", none)
    row = sent(cast)
    (file,) = folder.iterdir()
    assert (file.name, state(row)) == (f"{row.pk}.html", "sent")
    assert "Ana Quiroga" in file.read_text()


def test_a_folder_that_cannot_be_written_is_tried_again_then_comes_back(
    cast: Cast, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.PRESCRIPTION_FILES = str(tmp_path / "file" / "prescriptions")
    row = way(started(cast.ana, by=cast.priya))
    for seconds in (10, 80, 210, 460):
        with later(seconds):
            outbox.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.failed_why) == ("failed", "The file could not be written (NotADirectoryError).")


def test_a_pharmacy_that_closed_meanwhile_gets_nothing(cast: Cast) -> None:
    where = chosen(cast)
    row = way(started(cast.ana, by=cast.priya))
    with later(5):
        actions.close_pharmacy(where, reason="Sold.", by=cast.max)
    with later(10):
        outbox.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.failed_why) == ("failed", "The pharmacy is no longer in use.")
