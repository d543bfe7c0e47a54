"""Several recipes on the same data and budget, and one report about them."""
