"""The URLs of the history's pages."""

from __future__ import annotations

from django.urls import path

from emoweb.history import compare_views, detail_views, marker_views, merge_views, views

app_name = "history"
urlpatterns = [
    path("", views.history, name="list"),
    path("delete/", views.delete_everything, name="delete_everything"),
    path("compare/", compare_views.compare, name="compare"),
    path("<uuid:session_id>/", views.session, name="session"),
    path("<uuid:session_id>/rename/", views.rename, name="rename"),
    path("<uuid:session_id>/delete/", views.delete, name="delete"),
    path("<uuid:session_id>/export.csv", views.export_csv, name="export_csv"),
    path("<uuid:session_id>/export.json", views.export_json, name="export_json"),
    path("<uuid:session_id>/timeline.json", detail_views.detail, name="detail"),
    path("<uuid:session_id>/markers/", marker_views.add, name="add_marker"),
    path("<uuid:session_id>/markers/<int:marker_id>/", marker_views.edit, name="edit_marker"),
    path("<uuid:session_id>/markers/<int:marker_id>/remove/", marker_views.remove, name="remove_marker"),
    path("<uuid:session_id>/merge/", merge_views.merge, name="merge"),
    path("<uuid:session_id>/part/", merge_views.part, name="part"),
]
