"""Adding a medicine never removes a finding; the order of medicines does not matter."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from medications.safety.enums import RANK
from medications.safety.facts import Allergy, Facts, Measured, Proposed, Stretch, Taken
from medications.safety.knowledge import current
from patients.record.enums import FactKey
from tests.medications.safety.asked import TODAY, found

NAMES = sorted(current().drugs)
CODES = [
    "F31.9",
    "F50.2",
    "G40.9",
    "K70.3",
    "N18.4",
    "I45.81",
    "F10.20",
    "F13.23",
    "O24.4",
    "G47.33",
    "E87.1",
    "F03.90",
]

drugs = st.sampled_from(NAMES)
people = st.builds(
    Facts,
    today=st.just(TODAY),
    age=st.integers(12, 95),
    sex=st.sampled_from(["female", "male", "other", ""]),
    allergies_asked=st.sampled_from(["never_asked", "none_known", "some"]),
    allergies=st.lists(
        st.builds(
            Allergy, st.sampled_from(["ingredient", "class", "substance"]), st.sampled_from([*NAMES, "SSRI", "eggs"])
        ),
        max_size=2,
    ).map(tuple),
    conditions=st.lists(st.sampled_from(CODES), max_size=3, unique=True).map(tuple),
    answers=st.dictionaries(st.sampled_from(FactKey.values), st.sampled_from(["yes", "no", "unsure"])),
    risk_open=st.booleans(),
    readings=st.dictionaries(
        st.sampled_from(["egfr", "qtc", "pulse"]),
        st.builds(Measured, st.decimals("20", "600", places=0), st.just(TODAY)),
    ),
    events=st.frozensets(st.sampled_from(["alcohol_use", "smoking_stopped", "smoking_started"])),
    in_person_on=st.one_of(st.none(), st.just(TODAY)),
    pdmp_on=st.one_of(st.none(), st.integers(0, 120).map(lambda n: TODAY - timedelta(days=n))),
)
stretches = st.lists(
    st.builds(
        lambda daily, ago, lasts: Stretch(
            daily, TODAY - timedelta(days=ago), None if lasts > 90 else TODAY - timedelta(days=max(ago - lasts, 0))
        ),
        st.decimals("12", "400", places=0),
        st.integers(1, 90),
        st.integers(1, 100),
    ),
    max_size=3,
).map(tuple)
asks = st.builds(
    Proposed,
    drug=drugs,
    name=st.just("it"),
    daily_mg=st.decimals("0.01", "3000", places=2),
    from_day=st.just(TODAY),
    starts=st.booleans(),
    days_supply=st.integers(1, 90),
    refills=st.integers(0, 12),
    course=stretches,
    seen=st.sampled_from(["", "in_person", "video", "audio"]),
)
medicines = st.lists(
    st.builds(
        Taken,
        key=st.uuids().map(str),
        name=st.sampled_from(["Alpha", "Beta"]),
        drug=st.one_of(drugs, st.none()),
        daily_mg=st.one_of(st.none(), st.decimals("1", "500", places=0)),
        stopped_on=st.one_of(st.none(), st.integers(-50, 5).map(lambda n: TODAY + timedelta(days=n))),
        origin=st.sampled_from(["ours", "outside", "reported"]),
    ),
    max_size=6,
)


@settings(max_examples=150)
@given(about=people, asked=asks, live=medicines)
def test_adding_a_medicine_never_removes_a_finding(about: Facts, asked: Proposed, live: list[Taken]) -> None:
    codes: set[str] = set()
    for count in range(len(live) + 1):
        now = {one.code for one in found(about, live[:count], asked)}
        assert codes <= now
        codes = now


@settings(max_examples=100)
@given(about=people, asked=asks, live=medicines, data=st.data())
def test_the_order_of_medicines_does_not_matter(
    about: Facts, asked: Proposed, live: list[Taken], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(live))
    assert found(about, live, asked) == found(about, other, asked)


@settings(max_examples=60)
@given(about=people, asked=asks, live=medicines)
def test_worst_first_each_once_each_with_a_sentence(about: Facts, asked: Proposed, live: list[Taken]) -> None:
    said = found(about, live, asked)
    assert [RANK[one.level] for one in said] == sorted(RANK[one.level] for one in said)
    assert len({one.code for one in said}) == len(said)
    assert all(one.title and one.sentence and len(one.code) <= 60 and len(one.rule_id) <= 40 for one in said)
