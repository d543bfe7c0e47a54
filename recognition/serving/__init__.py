"""The old name of `recognition.remote`, kept until 0.3 for deployments that refer to it."""
