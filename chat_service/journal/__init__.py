"""One door for every change: each person has one numbered, gap-free journal."""
