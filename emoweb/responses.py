"""What the responses of several apps have in common."""

from __future__ import annotations

from django.views.decorators.cache import cache_control

# Other people may use this browser later: its cache must not store the visitor's data.
private = cache_control(no_store=True, private=True)
