"""The plan's pages: who may open them, what a hostile or stale request gets, how many queries they take."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from patients.plan import actions, queries
from patients.plan.models import PlanVersion
from tests.cast import Cast, client
from tests.patients.plan.plans import complete_draft, fresh, signed


def address(name: str, cast: Cast, *args: Any) -> str:
    return reverse(f"plan:{name}", args=[cast.ana.pk, *args])


@pytest.fixture
def tess(cast: Cast) -> Client:
    return client(cast.tess)


READING = ["plan", "compare"]
WRITING = ["edit", "sign"]


@pytest.mark.parametrize("name", [*READING, *WRITING])
@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [
        ("tess", True, True), ("priya", True, True), ("sam", True, False), ("theo", False, False),
        ("fran", False, False), ("max", False, False), ("olga", False, False),
    ],
)  # fmt: skip
def test_who_may_open_what(cast: Cast, name: str, who: str, reads: bool, writes: bool) -> None:
    first = signed(cast)
    actions.draft(cast.ana, by=cast.tess)
    query = {"old": str(first.pk), "new": str(first.pk)} if name == "compare" else {}
    response = client(getattr(cast, who)).get(address(name, cast), query)
    assert response.status_code == (200 if (reads if name in READING else writes) else 404)


@pytest.mark.parametrize("name", ["draft", "criteria"])
def test_who_reads_only_does_not_write(cast: Cast, name: str) -> None:
    assert client(cast.sam).post(address(name, cast)).status_code == 404
    assert client(cast.theo).post(address(name, cast)).status_code == 404
    assert PlanVersion.objects.count() == 0


def test_a_draft_is_begun_by_post_only(cast: Cast, tess: Client) -> None:
    assert tess.get(address("draft", cast)).status_code == 405
    assert "No draft is open" in tess.get(address("edit", cast)).content.decode()
    assert PlanVersion.objects.count() == 0
    assert tess.post(address("draft", cast)).headers["Location"] == address("edit", cast)
    assert PlanVersion.objects.get().created_by == cast.tess


def test_a_form_that_fails_keeps_every_word(cast: Cast, tess: Client) -> None:
    problem = complete_draft(cast).problem_rows.get()
    sent = {
        "words": "A walk with Ruth",
        "owner": "patient",
        "unit": "times a week",
        "target": "99999999",
        "baseline": "x",
    }
    response = tess.post(address("add_below", cast, "objective", problem.pk), sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert all(f'value="{sent[name]}"' in page for name in ("words", "unit", "target", "baseline"))
    assert 'aria-invalid="true"' in page
    assert fresh(problem.version).revision == problem.version.revision


def test_a_row_that_somebody_else_changed_answers_409_with_both(cast: Cast, tess: Client) -> None:
    version = complete_draft(cast)
    problem = version.problem_rows.get()
    actions.change_problem(problem, title="Low mood at home", by=cast.priya)
    sent = {"title": "Mornings in bed", "goal_words": "Get up", "based_on": version.revision}
    response = tess.post(address("change", cast, "problem", problem.pk), sent)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Priya Raman" in page
    assert "<ins>Low mood at home</ins>" in page
    assert 'value="Mornings in bed"' in page
    assert f'name="based_on" value="{version.revision + 1}"' in page
    problem.refresh_from_db()
    assert problem.title == "Low mood at home"


def test_a_row_that_somebody_else_removed_answers_409_with_the_words(cast: Cast, tess: Client) -> None:
    version = complete_draft(cast)
    row = version.objective_rows.all()[0]
    pk = row.pk
    actions.remove_objective(row, by=cast.priya)
    sent = {"words": "PHQ-9 below 4", "owner": "both", "based_on": version.revision}
    response = tess.post(address("change", cast, "objective", pk), sent)
    assert response.status_code == 409
    assert "removed objective" in response.content.decode()


def test_criteria_conflict_keeps_both(cast: Cast, tess: Client) -> None:
    version = complete_draft(cast)
    actions.save(version, based_on=version.revision, discharge_criteria="Hers", by=cast.priya)
    sent = {"discharge_criteria": "Mine", "based_on": version.revision}
    response = tess.post(address("criteria", cast), sent, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "<ins>Hers</ins>" in page
    assert "Mine</textarea>" in page


def test_signing_a_draft_that_changed_since_it_was_read(cast: Cast, tess: Client) -> None:
    version = complete_draft(cast)
    sent = {"patient_agreed": "agreed", "based_on": version.revision}
    actions.change_problem(version.problem_rows.get(), title="Low mood at home", by=cast.priya)
    response = tess.post(address("sign", cast), sent)
    assert response.status_code == 409
    assert "<ins>Low mood at home</ins>" in response.content.decode()
    assert queries.in_force(cast.ana.pk) is None
    assert tess.post(address("sign", cast), {**sent, "based_on": version.revision + 1}).status_code == 302
    assert tess.post(address("sign", cast), sent).status_code == 409  # pressed twice: signed already


def test_signing_without_the_patients_word(cast: Cast, tess: Client) -> None:
    version = complete_draft(cast)
    response = tess.post(address("sign", cast), {"based_on": version.revision})
    assert response.status_code == 422
    assert "Record whether the patient agrees" in response.content.decode()


def test_removing_asks_first(cast: Cast, tess: Client) -> None:
    """With how much goes with it; nothing is gone before the answer."""
    version = complete_draft(cast)
    problem = version.problem_rows.get()
    where = address("remove", cast, "problem", problem.pk)
    below = problem.objective_rows.count() + problem.intervention_rows.count()
    asked = tess.get(where, headers={"HX-Request": "true"}).content.decode()
    assert f"Remove this problem and the {below} lines below it?" in asked
    assert fresh(version).problem_rows.count() == 1
    assert tess.post(where).status_code == 302
    assert fresh(version).problem_rows.count() == 0
    assert tess.get(where).status_code == 404


def test_a_medication_row_is_asked_for_no_words(cast: Cast, tess: Client) -> None:
    problem = complete_draft(cast).problem_rows.get()
    where = address("add_below", cast, "intervention", problem.pk)
    sent = {"arm": "medication", "words": "typed before the kind was chosen", "frequency": "weekly"}
    assert tess.post(where, sent).status_code == 302
    row = problem.intervention_rows.get(arm="medication")
    assert (row.modality, row.words, row.frequency, row.duration) == ("", "", "", "")
    form = tess.get(address("change", cast, "intervention", row.pk)).context["opened"]["form"]
    assert list(form.fields) == ["based_on", "provider"]
    assert tess.post(address("change", cast, "intervention", row.pk), {"provider": cast.priya.pk}).status_code == 302


HOSTILE = ["\x00", "\ud800", "a" * 100_000, "<script>alert(1)</script>", "‮‮", "9" * 400, "NaN", "1e999", "-1"]


NAMES = {
    "problem": ["title", "goal_words", "condition", "based_on"],
    "objective": ["words", "owner", "instrument", "unit", "baseline", "target", "target_on", "based_on"],
    "intervention": ["arm", "modality", "words", "frequency", "duration", "provider", "based_on"],
}


@pytest.mark.parametrize("kind", NAMES)
def test_hostile_input_is_never_an_error_of_ours(cast: Cast, tess: Client, kind: str) -> None:
    problem = complete_draft(cast).problem_rows.get()
    where = address("add", cast, kind) if kind == "problem" else address("add_below", cast, kind, problem.pk)
    for text in HOSTILE:
        for name in NAMES[kind] if len(text) < 1_000 else NAMES[kind][:2]:
            sent = {"title": "x", "words": "x", "owner": "both", "arm": "patient", name: text}
            response = tess.post(
                where,
                {key: value.encode("utf-8", "surrogatepass") for key, value in sent.items()},
                headers={"HX-Request": "true"},
            )
            assert response.status_code in (200, 400, 422), (name, response.status_code)
            assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("kind", ["problem", "objective", "intervention"])
def test_ids_of_others_and_of_nothing_are_404(cast: Cast, tess: Client, kind: str) -> None:
    complete_draft(cast)
    theirs = actions.add_problem(actions.draft(cast.ben, by=cast.theo), title="Panic", by=cast.theo)
    for pk in (theirs.pk, uuid4()):
        assert tess.post(address("change", cast, kind, pk), {"title": "x"}).status_code == 404
        assert tess.post(address("remove", cast, kind, pk)).status_code == 404
        assert tess.get(address("version", cast, pk)).status_code == 404
        assert tess.get(address("reading", cast, pk)).status_code == 404
    assert tess.get(address("change", cast, "plan", theirs.pk)).status_code == 404
    assert tess.post(address("add_below", cast, "objective", theirs.pk), {"words": "x"}).status_code == 404
    assert tess.get(address("compare", cast), {"old": "x", "new": str(uuid4())}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.title == "Panic"


def test_a_draft_is_no_version_to_look_at(cast: Cast, tess: Client) -> None:
    assert tess.get(address("version", cast, complete_draft(cast).pk)).status_code == 404


def test_a_signed_version_is_shown_as_it_was_signed(cast: Cast, tess: Client) -> None:
    first = signed(cast)
    draft = actions.draft(cast.ana, by=cast.tess)
    actions.change_problem(draft.problem_rows.get(), title="Low mood at home", by=cast.tess)
    actions.sign(draft, patient_agreed="agreed", by=cast.tess)
    page = tess.get(address("version", cast, first.pk)).content.decode()
    assert "Low mood at home" not in page
    assert "replaced by a later version" in page


def test_a_reading_is_written_down(cast: Cast, tess: Client) -> None:
    row = signed(cast).objective_rows.get(instrument="")
    response = tess.post(address("reading", cast, row.objective_id), {"value": "4", "on": "2026-03-01"})
    assert response.status_code == 302
    assert queries.objectives_now(cast.ana.pk)[1].now == 4
    response = tess.post(address("reading", cast, row.objective_id), {"value": "4", "on": "2036-03-01"})
    assert response.status_code == 422
    measured = row.version.objective_rows.get(instrument="phq9")
    assert tess.get(address("reading", cast, measured.objective_id)).status_code == 404


@pytest.mark.usefixtures("clock_stands")
def test_the_page_takes_as_many_queries_for_a_long_plan(cast: Cast, tess: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert tess.get(address("plan", cast)).status_code == 200
        return len(captured)

    signed(cast)
    tess.get(address("plan", cast))
    short = count()
    for _ in range(4):
        draft = actions.draft(cast.ana, by=cast.tess)
        problem = list(draft.problem_rows.all())[-1]
        row = problem.objective_rows.all()[0]
        for n in range(5):
            actions.add_objective(
                problem, words=f"More {n}", owner="both", instrument="gad7", baseline=15, target=5,
                target_on=row.target_on, by=cast.tess,
            )  # fmt: skip
            actions.add_intervention(problem, arm="patient", words=f"Walk {n}", frequency="daily", by=cast.tess)
        actions.sign(draft, patient_agreed="agreed", by=cast.tess)
    assert count() == short


def test_reading_the_plan_is_audited(cast: Cast, tess: Client) -> None:
    from clinic.audit.models import AuditEvent

    signed(cast)
    before = AuditEvent.objects.filter(kind="read").count()
    tess.get(address("plan", cast))
    assert AuditEvent.objects.filter(kind="read").count() == before + 1
