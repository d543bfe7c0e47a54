"""Architectures, one small file per family; `recognition.models.architectures` names them."""
