"""The URLs of the general pages."""

from __future__ import annotations

from django.urls import path

from emoweb.pages import data_views, views

app_name = "pages"
urlpatterns = [
    path("privacy/", views.privacy, name="privacy"),
    path("models/", views.models, name="models"),
    path("data/", data_views.data, name="data"),
    path("data/export.json", data_views.export, name="export_data"),
]
