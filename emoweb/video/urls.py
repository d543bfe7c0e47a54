"""The addresses of the films' pages."""

from __future__ import annotations

from django.urls import path

from emoweb.video import film_views, upload_views

app_name = "video"
urlpatterns = [
    path("", upload_views.films, name="films"),
    path("announce/", upload_views.announce, name="announce"),
    path("<uuid:film_id>/upload/", upload_views.upload, name="upload"),
    path("<uuid:film_id>/part/", upload_views.part, name="part"),
    path("<uuid:film_id>/complete/", upload_views.complete, name="complete"),
    path("<uuid:film_id>/", film_views.film, name="film"),
    path("<uuid:film_id>/status/", film_views.status, name="status"),
    path("<uuid:film_id>/pause/", film_views.pause, name="pause"),
    path("<uuid:film_id>/resume/", film_views.resume, name="resume"),
    path("<uuid:film_id>/cancel/", film_views.cancel, name="cancel"),
    path("<uuid:film_id>/delete/", film_views.delete, name="delete"),
    path("<uuid:film_id>/annotated.webm", film_views.annotated, name="annotated"),
    path("<uuid:film_id>/export.csv", film_views.export_csv, name="export_csv"),
    path("<uuid:film_id>/export.json", film_views.export_json, name="export_json"),
]
