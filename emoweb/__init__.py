"""The web application: the live page, the history, and the other pages."""

__version__ = "0.2.0.dev0"
