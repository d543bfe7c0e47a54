"""Architectures, one small file per family; `recognition.registry` names them."""
