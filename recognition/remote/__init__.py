"""An engine on another machine: what is sent, who answers it, and the engine that asks."""
