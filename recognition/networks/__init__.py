"""Architectures, one small file a family; `recognition.registry` names them."""
