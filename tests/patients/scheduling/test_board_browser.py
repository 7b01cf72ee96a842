"""The day board and booking in a browser, by keyboard alone; looked at by axe in both themes."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from clinic import clock
from clinic.staff.enums import Role
from clinic.staff.models import Absence
from patients.record.models import Patient
from patients.scheduling import actions
from patients.scheduling.models import Attendance, Booking
from tests.cast import Cast, assemble, at, on_team, patient, person
from tests.look import shoot, sign_in, violations
from tests.patients.scheduling.booking import book, part, stacked

pytestmark = pytest.mark.browser
DAY = "2026-03-02"
SETTLE = 250  # milliseconds until colours that fade have arrived
NOON = at(f"{DAY} 10:52")


@pytest.fixture
def cast(transactional_db: None) -> Any:
    people = assemble()
    full_day(people)
    clock.set_to(NOON)
    yield people
    clock.set_to(None)


def full_day(cast: Cast) -> None:
    """A morning with one of everything."""
    more = [
        patient(200 + n, given, family, cast.site)
        for n, (given, family) in enumerate(
            [
                ("Grace", "Oyelaran"),
                ("Wen", "Castellano"),
                ("Ruth", "Abernathy"),
                ("Malik", "Farouk"),
                ("Bea", "Thornton"),
            ]
        )
    ]
    for one in more:
        on_team(one, cast.theo, "therapist")
    Absence.objects.create(user=cast.tess, starts_at=at(f"{DAY} 12:00"), ends_at=at(f"{DAY} 13:00"), reason="lunch")
    fran = cast.fran
    over = book(cast, part(cast.tess, f"{DAY} 08:30"), patient=more[0])
    missed = book(cast, part(cast.theo, f"{DAY} 09:00"), patient=more[1])
    running = book(cast, part(cast.theo, f"{DAY} 10:30"), patient=more[2])
    here = book(cast, part(cast.tess, f"{DAY} 11:00"), part(cast.priya, f"{DAY} 11:45", 20, "medication"))
    book(cast, part(cast.theo, f"{DAY} 13:00"), patient=more[3])
    sure = book(cast, part(cast.theo, f"{DAY} 14:00"), patient=more[4])
    late = book(cast, part(cast.paul, f"{DAY} 10:45", 30, "medication"), patient=cast.ben)

    def first(booking: Booking) -> Attendance:
        return Attendance.objects.filter(segment__booking=booking).order_by("segment__starts_at")[0]

    with clock.at(at(f"{DAY} 08:31")):
        actions.start(first(over), by=fran)
        actions.confirm(first(sure), by=fran)
    with clock.at(at(f"{DAY} 09:20")):
        actions.complete(first(over), by=fran)
        actions.no_show(first(missed), reason="no_word", by=fran)
    with clock.at(at(f"{DAY} 10:34")):
        actions.start(first(running), by=fran)
    with clock.at(at(f"{DAY} 10:46")):
        actions.arrive(first(here), by=fran)
        actions.running_late(first(late), until=at(f"{DAY} 11:05"), by=fran)


@pytest.mark.parametrize("view", ["", "&view=list"])
def test_the_board_reads_well_in_both_themes(cast: Cast, page: Page, live_server: Any, view: str) -> None:
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/schedule/board/?day={DAY}{view}")
    shoot(page, "list" if view else "board")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(SETTLE)
        assert violations(page) == []


def test_a_visit_is_booked_by_keyboard_alone(cast: Cast, page: Page, live_server: Any) -> None:
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/schedule/board/?day={DAY}")
    page.keyboard.press("2")
    page.wait_for_url("**/schedule/book/?two=1")
    page.keyboard.type("quirog")
    page.keyboard.press("Enter")
    shoot(page, "find")
    page.wait_for_timeout(SETTLE)
    assert violations(page) == []
    page.get_by_role("link", name="Annie Quiroga", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Book a visit")).to_be_visible()
    slot = page.locator("input[name=slot]").first
    slot.focus()
    page.keyboard.press("Space")
    shoot(page, "book")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(SETTLE)
        assert violations(page) == []
    before = Booking.objects.count()
    page.get_by_role("button", name="Book", exact=True).press("Enter")
    page.wait_for_url("**/schedule/board/**")
    expect(page.get_by_role("status")).to_contain_text("Booked for")
    assert Booking.objects.count() == before + 1
    newest = Booking.objects.order_by("booked_at", "pk").last()
    assert newest is not None
    assert [s.clinician for s in newest.segments.all()] == [cast.tess, cast.priya]


def test_going_back_after_booking_ticks_no_other_time(cast: Cast, page: Page, live_server: Any) -> None:
    """The times that stand there now are others: none of them was chosen."""
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/schedule/{cast.ana.pk}/book/")
    page.locator("input[name=slot]").nth(3).check(force=True)
    page.get_by_role("button", name="Book", exact=True).click()
    page.wait_for_url("**/schedule/board/**")
    assert page.get_by_role("status").inner_text().count("✓") == 1
    page.go_back()
    expect(page.locator("input[name=slot]").first).to_be_visible()
    assert page.locator("input[name=slot]:checked").count() == 0


def test_arrows_enter_and_letters(cast: Cast, page: Page, live_server: Any) -> None:
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/schedule/board/?day={DAY}")
    waits = Attendance.objects.get(patient__family_name="Farouk")
    page.locator(f"#v-{waits.pk}").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Bea Thornton"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    dialog = page.locator("#visit-dialog")
    expect(dialog).to_contain_text("Malik Farouk")
    shoot(page, "visit")
    page.wait_for_timeout(SETTLE)
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Malik Farouk"
    page.keyboard.press("a")
    expect(page.locator(".ap.arrived", has_text="Malik Farouk")).to_be_visible()
    waits.refresh_from_db()
    assert waits.status == "arrived"


CUT = """() => [...document.querySelectorAll('.dcol .ap')].filter((box) => {
  const whole = box.getBoundingClientRect();
  const parts = [...box.querySelectorAll('.ln, .mks, .btn')].map((part) => part.getBoundingClientRect());
  return parts.some((part) => part.bottom > whole.bottom + 1 || part.right > whole.right + 1);
}).map((box) => box.textContent)"""


def test_long_names_and_short_visits_are_cut_by_whole_lines(cast: Cast, page: Page, live_server: Any) -> None:
    long = patient(300, "Esperanza-Guadalupe", "Villalobos-Cruz", cast.site)
    parts = part(cast.tess, f"{DAY} 15:00", 35), part(cast.priya, f"{DAY} 15:35", 20, "medication")
    book(cast, *parts, patient=long)
    book(cast, part(cast.theo, f"{DAY} 15:00"), patient=long2(cast))
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/schedule/board/?day={DAY}")
    book(cast, part(cast.theo, f"{DAY} 16:05"), patient=long)  # 20 minutes are free before it
    page.reload()
    assert page.locator(".ap .mks").count() == 5
    assert page.evaluate(CUT) == []


COVERED = """() => [...document.querySelectorAll('.dcol .ap')].filter((box) => {
  const [name, marks] = ['.ln', '.mks'].map((part) => box.querySelector(part)?.getBoundingClientRect());
  const words = box.querySelector('.ln') && parseFloat(getComputedStyle(box.querySelector('.ln')).paddingRight);
  return name && marks && marks.top < name.bottom - 2 && marks.left < name.right - words;
}).map((box) => box.textContent)"""


def test_seven_clinicians_fit_a_laptop_and_no_mark_covers_a_name(cast: Cast, page: Page, live_server: Any) -> None:
    for given in ("Ines", "Omar", "Wren"):
        person(given, "Tanaka-Castellanos", Role.THERAPIST, cast.site, credentials="LCSW", profession="LCSW")
    stacked_at = f"{DAY} 15:00"
    pair = part(cast.tess, stacked_at, 35), part(cast.priya, f"{DAY} 15:35", 20, "medication")
    sure = book(cast, *pair, patient=patient(300, "Esperanza-Guadalupe", "Villalobos-Cruz", cast.site))
    for attendance in Attendance.objects.filter(segment__booking=sure):
        actions.confirm(attendance, by=cast.fran)
    sign_in(page, live_server, cast.fran)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/schedule/board/?day={DAY}")
    expect(page.locator(".dhead")).to_have_count(7)
    assert (
        page.evaluate(
            "(() => { const d = document.getElementById('day-scroll'); return d.scrollWidth - d.clientWidth })()"
        )
        == 0
    )
    assert page.evaluate(COVERED) == []
    assert page.evaluate(CUT) == []


def test_a_visit_is_closed_by_a_finger(cast: Cast, browser: Browser, live_server: Any) -> None:
    """No key is named where there is none, and what Esc does has a button."""
    page = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}).new_page()
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/schedule/board/?day={DAY}")
    page.locator("a[data-visit]").last.tap()
    dialog = page.locator("#visit-dialog")
    expect(dialog).to_be_visible()
    assert page.locator("kbd:visible").count() == 0
    dialog.get_by_role("button", name="Close").tap()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Find a patient or an action").tap()
    expect(page.locator("#finder [data-close]")).to_have_text("Close", use_inner_text=True)
    page.context.close()


def long2(cast: Cast) -> Patient:
    """Somebody with one long word for a name."""
    return patient(301, "Uvuvwevwevweonyetenyevweugwemubwemossas", "Ok", cast.site)


def test_a_look_at_the_board_survives_its_renewal(cast: Cast, page: Page, live_server: Any) -> None:
    """Where somebody has scrolled to, and the button or name that has the focus, stay when the board is polled."""
    page.set_viewport_size({"width": 900, "height": 700})
    sign_in(page, live_server, cast.fran)
    page.clock.install()
    page.goto(f"{live_server.url}/schedule/board/?day={DAY}")
    day = page.locator("#day-scroll")
    for focused in (page.locator(".ap.free a").last, page.locator("aside a").first):
        focused.focus()
        day.evaluate("day => day.scrollTo(40, 180)")
        before = page.evaluate("document.activeElement.outerHTML")
        old = day.element_handle()
        assert old is not None
        page.clock.run_for(21_000)
        page.wait_for_function("day => !day.isConnected", arg=old)
        assert day.evaluate("day => [day.scrollLeft, day.scrollTop]") == [40, 180]
        assert page.evaluate("document.activeElement.outerHTML").split(" tabindex")[0] == before.split(" tabindex")[0]


def test_other_pages_read_well(cast: Cast, page: Page, live_server: Any) -> None:
    sign_in(page, live_server, cast.fran)
    stacked(cast, "2026-03-09")
    visit = Attendance.objects.get(patient__family_name="Thornton")
    base = f"{live_server.url}/schedule/{visit.patient_id}/"
    pages = {
        "patient": f"{live_server.url}/schedule/{cast.ana.pk}/", "visit-page": f"{base}visit/{visit.pk}/",
        "cancel": f"{base}visit/{visit.pk}/cancel/", "move": f"{base}visit/{visit.pk}/move/",
        "late": f"{base}visit/{visit.pk}/late/", "walk-in": f"{base}walk-in/", "call": f"{base}call/",
    }  # fmt: skip
    for name, url in pages.items():
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200, name
        shoot(page, name)
        page.wait_for_timeout(SETTLE)
        assert violations(page) == [], name


def test_an_absence_over_a_visit_leaves_each_the_whole_column(cast: Cast, page: Page, live_server: Any) -> None:
    """Two boxes at one time made a second column of the grid, and the rest of the day was 16 pixels wide."""
    Absence.objects.create(user=cast.theo, starts_at=at(f"{DAY} 12:30"), ends_at=at(f"{DAY} 17:00"), reason="leave")
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/schedule/board/?day={DAY}")
    column = page.locator(f'.dcol[aria-label="{cast.theo.name}"]')
    boxes = column.locator("li.ap").all()
    assert len(boxes) >= 4
    room = column.bounding_box()
    assert room is not None
    for box in boxes:
        found = box.bounding_box()
        assert found is not None
        assert found["width"] > room["width"] * 0.9, box.inner_text()
