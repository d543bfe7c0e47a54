"""The URLs of the video pages."""

from __future__ import annotations

from django.urls import path

from emoweb.video import upload_views, video_views

app_name = "video"
urlpatterns = [
    path("", upload_views.videos, name="list"),
    path("announce/", upload_views.announce, name="announce"),
    path("<uuid:video_id>/upload/", upload_views.upload, name="upload"),
    path("<uuid:video_id>/part/", upload_views.part, name="part"),
    path("<uuid:video_id>/complete/", upload_views.complete, name="complete"),
    path("<uuid:video_id>/", video_views.video, name="video"),
    path("<uuid:video_id>/status/", video_views.status, name="status"),
    path("<uuid:video_id>/pause/", video_views.pause, name="pause"),
    path("<uuid:video_id>/resume/", video_views.resume, name="resume"),
    path("<uuid:video_id>/cancel/", video_views.cancel, name="cancel"),
    path("<uuid:video_id>/delete/", video_views.delete, name="delete"),
    path("<uuid:video_id>/annotated.webm", video_views.annotated, name="annotated"),
    path("<uuid:video_id>/export.csv", video_views.export_csv, name="export_csv"),
    path("<uuid:video_id>/export.json", video_views.export_json, name="export_json"),
]
