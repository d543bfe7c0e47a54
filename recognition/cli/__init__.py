"""The command line: one file a command, found through `main.COMMANDS`."""
