"""Turns the faces of single frames into tracks with stable ids and labels."""
