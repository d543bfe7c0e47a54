"""The web application: live page, history and the pages around them."""

__version__ = "0.1.0"
