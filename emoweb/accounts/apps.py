"""The app of the accounts; it is installed if ACCOUNTS is optional or required."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Transfers a visitor's sessions to the account at sign-in."""

    name = "emoweb.accounts"

    def ready(self) -> None:
        """Connect to the sign-in signal."""
        from django.contrib.auth.signals import user_logged_in

        from emoweb.accounts.transfer import transfer_to_account

        user_logged_in.connect(transfer_to_account)
