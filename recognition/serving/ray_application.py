"""The old path of the Ray Serve application, kept until 0.3: use `recognition.remote.ray_application`."""

from recognition.remote.ray_application import build

__all__ = ["build"]
