"""Pages of the schedule."""

from django.urls import path

from patients.scheduling.views import board, booking, visit

app_name = "scheduling"
VISIT = "<uuid:patient_id>/visit/<uuid:pk>/"
urlpatterns = [
    path("board/", board.board, name="board"),
    path("board/live/", board.live, name="board_live"),
    path("book/", booking.find, name="find"),
    path("<uuid:patient_id>/", visit.patient, name="patient"),
    path("<uuid:patient_id>/book/", booking.book, name="book"),
    path("<uuid:patient_id>/walk-in/", booking.walk_in, name="walk_in"),
    path("<uuid:patient_id>/call/", booking.call, name="call"),
    path(VISIT, visit.visit, name="visit"),
    path(f"{VISIT}move/", booking.move, name="move"),
    path(f"{VISIT}cancel/", visit.cancel, name="cancel"),
    path(f"{VISIT}no-show/", visit.no_show, name="no_show"),
    path(f"{VISIT}late/", visit.late, name="late"),
    path(f"{VISIT}in-error/", visit.in_error, name="in_error"),
    path(f"{VISIT}<slug:what>/", visit.step, name="step"),
]
