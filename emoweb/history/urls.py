"""The addresses of the history's pages."""

from __future__ import annotations

from django.urls import path

from emoweb.history import views

app_name = "history"
urlpatterns = [
    path("", views.history, name="list"),
    path("delete/", views.delete_everything, name="delete_everything"),
    path("<uuid:session_id>/", views.session, name="session"),
    path("<uuid:session_id>/rename/", views.rename, name="rename"),
    path("<uuid:session_id>/delete/", views.delete, name="delete"),
    path("<uuid:session_id>/export.csv", views.export_csv, name="export_csv"),
    path("<uuid:session_id>/export.json", views.export_json, name="export_json"),
]
