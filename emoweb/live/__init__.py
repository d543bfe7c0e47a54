"""The live page and its WebSocket."""
