"""The measurements of visitors' sessions, and the pages that show them."""
