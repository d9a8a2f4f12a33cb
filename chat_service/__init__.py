"""Messages, files and sockets between two people."""
