"""The URLs of the live page and of monitoring."""

from __future__ import annotations

from django.urls import path

from emoweb.live import views

urlpatterns = [
    path("", views.live, name="live"),
    path("health", views.health),
    path("metrics", views.metrics),
]
