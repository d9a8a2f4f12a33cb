"""Files: who may have them, what hostile ones become, and that none is lost, doubled or left over."""
