"""Files of results: upload, columns, preview, import, the lines that were refused."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.web.pages import attempt, me, needs
from medications.monitoring import actions, imports, queries
from medications.monitoring.actions import importing
from medications.monitoring.actions.importing import looked_at
from medications.monitoring.forms import ColumnsForm, FileForm
from medications.monitoring.models import ResultFile

PREVIEWED = 100


@require_http_methods(["GET", "POST"])
@needs("results.import")
def files(request: HttpRequest) -> HttpResponse:
    """The last files; POST takes a new one."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        raw = sent.read(imports.MOST_BYTES + 1)
        file = attempt(request, form, actions.upload, raw=raw, by=me(request))
        if file is not None:
            return redirect("monitoring:file", pk=file.pk)
    context = {"form": form, "files": queries.files_of(me(request)), "nav_here": "monitoring:grid"}
    return render(request, "monitoring/files.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs("results.import")
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Columns matched, and each line as it would be taken; POST changes the columns."""
    row = _mine(request, pk)
    if row.asked_at is not None:
        return render(request, "monitoring/imported.html", {"file": row, "nav_here": "monitoring:grid"})
    table = imports.table(row.text)
    form = ColumnsForm(request.POST if request.method == "POST" else None, header=table.header, columns=row.columns)
    if (
        request.method == "POST" and form.is_valid()
        and attempt(request, form, actions.choose, file=row, columns=form.columns(), by=me(request))
    ):  # fmt: skip
        return redirect("monitoring:file", pk=row.pk)
    missing = imports.unmatched(row.columns)
    lines = [] if missing else looked_at(row, me(request), most=importing.LOOKED_AT)
    wrong = [line for line, _ in lines if line.problem]
    shown = [*[one for one in lines if one[0].problem], *[one for one in lines if not one[0].problem]][:PREVIEWED]
    context = {
        "file": row, "form": form, "header": table.header, "missing": missing, "count": len(table.rows),
        "seen": len(lines), "fine": len(lines) - len(wrong), "wrong": len(wrong), "nav_here": "monitoring:grid",
        "lines": [(line, patient, list(zip(table.header, line.cells, strict=False))) for line, patient in shown],
        "previewed": PREVIEWED,
    }  # fmt: skip
    return render(request, "monitoring/file.html", context, status=422 if form.errors else 200)


@require_POST
@needs("results.import")
def import_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take every line that can be taken, of a large file the first ones; asked for twice, it is taken once."""
    row = _mine(request, pk)
    if row.asked_at is None:
        actions.import_rows(row, by=me(request))
    return redirect("monitoring:file", pk=row.pk)


@require_GET
@needs("results.import")
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far a large file is. The part that is polled; polling is not audited."""
    row = get_object_or_404(ResultFile.objects.defer("text", "rejects"), pk=pk, by=me(request), asked_at__isnull=False)
    return render(request, "monitoring/imported.html#far", {"file": row})


@require_GET
@needs("results.import")
def rejects(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The lines that were refused, each with its sentence, as CSV."""
    row = _mine(request, pk)
    audit.record(Kind.EXPORTED, by=me(request), on=row, what="monitoring.rejects", detail={"lines": row.refused})
    headers = {"Content-Disposition": 'attachment; filename="refused-lines.csv"'}
    return HttpResponse(row.rejects, content_type="text/csv; charset=utf-8", headers=headers)


def _mine(request: HttpRequest, pk: UUID) -> ResultFile:
    return get_object_or_404(ResultFile, pk=pk, by=me(request))
