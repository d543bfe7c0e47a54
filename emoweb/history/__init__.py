"""What visitors' sessions measured, and the pages that show it."""
