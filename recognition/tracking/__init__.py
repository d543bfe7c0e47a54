"""From faces of single frames to people that stay the same, with calm labels."""
