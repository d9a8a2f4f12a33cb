"""What only the whole stack has: nginx, several processes, PostgreSQL and Valkey."""
