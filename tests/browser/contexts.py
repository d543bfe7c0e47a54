"""Browser contexts that one visitor uses after another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from playwright.sync_api import Browser, BrowserContext

MOST_FREE = 4  # each keeps a process of Chromium


class Contexts:
    """The contexts of a browser; each is lent again to whoever asks for the same options.

    The first page of a new context takes three times the processor time of a page in a used one: Chromium
    starts a process for it and compiles every script. So a blank page keeps the process, and only what
    identifies the visitor to a site is deleted.
    """

    def __init__(self, browser: Browser) -> None:
        """Start without any."""
        self._browser = browser
        self._keys: dict[BrowserContext, str] = {}
        self._free: list[BrowserContext] = []

    def lend(self, scripts: Sequence[str], options: dict[str, Any]) -> BrowserContext:
        """Return a context without cookies, whose pages run `scripts` first."""
        key = repr((scripts, sorted(options.items())))
        for context in self._free:
            if self._keys[context] == key:
                self._free.remove(context)
                return context
        context = self._browser.new_context(**options)
        for script in scripts:
            context.add_init_script(script)
        self._keys[context] = key
        return context

    def take_back(self, context: BrowserContext, origins: Iterable[str]) -> None:
        """Close the visitor's pages, and delete what the visited origins have stored."""
        if not context.pages:
            self._close(context)
            return
        blank, *others = context.pages
        blank.goto("about:blank")
        for page in others:
            page.close()
        context.clear_cookies()
        context.clear_permissions()
        chromium = context.new_cdp_session(blank)
        for origin in origins:
            chromium.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        chromium.detach()
        self._free.append(context)
        if len(self._free) > MOST_FREE:
            self._close(self._free.pop(0))

    def _close(self, context: BrowserContext) -> None:
        del self._keys[context]
        context.close()
