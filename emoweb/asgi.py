"""The ASGI application: pages go to Django; a socket passes origin, then visitor, then the routes."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emoweb.settings")
django_application = get_asgi_application()

# The apps must be ready before anything that touches models is imported.
from emoweb.live.socket.consumer import LiveConsumer  # noqa: E402
from emoweb.sockets import OriginSocket, VisitorSocket  # noqa: E402

socket_routes = URLRouter(
    [
        path("ws/live/", LiveConsumer.as_asgi()),
        re_path(r"", WebsocketDenier.as_asgi()),
    ]
)
visitors_only = VisitorSocket(socket_routes)
if settings.ACCOUNTS != "off":
    from channels.auth import AuthMiddlewareStack

    visitors_only = AuthMiddlewareStack(visitors_only)
application = ProtocolTypeRouter({"http": django_application, "websocket": OriginSocket(visitors_only)})
