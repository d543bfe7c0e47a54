"""User accounts, if the operator enables them: sign-up, sign-in, transfer of a visitor's sessions."""
