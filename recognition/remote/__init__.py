"""An engine on another machine: the wire format, the server, and the client."""
