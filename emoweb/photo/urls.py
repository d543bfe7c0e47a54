"""The URLs of the image page."""

from __future__ import annotations

from django.urls import path

from emoweb.photo import views

app_name = "photo"
urlpatterns = [
    path("", views.photo, name="photo"),
    path("analyse/", views.analyse_image, name="analyse"),
]
