"""How many viewers there may be, and how much each may send."""
