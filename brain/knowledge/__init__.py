"""What the brand has written for its customers, and how it is found again."""
