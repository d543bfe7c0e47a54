"""The URLs of the API, its documentation, and its keys."""

from __future__ import annotations

from django.urls import path

from emoweb.api import views
from emoweb.api.endpoints import api

urlpatterns = [
    path("api/", views.documentation, name="api"),
    path("api/v1/", api.urls),
    path("account/keys/", views.keys, name="keys"),
    path("account/keys/<int:key_id>/revoke/", views.revoke, name="revoke_key"),
]
