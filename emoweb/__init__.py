"""The web application: live page, history and the pages around them."""

__version__ = "0.2.0.dev0"
