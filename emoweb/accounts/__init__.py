"""Accounts, where the operator wants them: signing up and in, and what becomes of a visitor's sessions."""
