"""Everything about me, to take along."""
