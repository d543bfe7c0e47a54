"""The app of the accounts; it is installed where ACCOUNTS is optional or required."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Takes a visitor's sessions along when somebody signs in."""

    name = "emoweb.accounts"

    def ready(self) -> None:
        """Listen for people who sign in."""
        from django.contrib.auth.signals import user_logged_in

        from emoweb.accounts.transfer import transfer_to_account

        user_logged_in.connect(transfer_to_account)
