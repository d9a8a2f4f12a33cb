"""What the product asks PostgreSQL: how many statements, and by which indexes, in a history of some length."""
