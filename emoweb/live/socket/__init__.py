"""A viewer's WebSocket: its consumer, its state machine, and the responses to its messages."""
