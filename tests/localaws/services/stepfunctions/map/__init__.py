"""Map states in distributed mode: their items, their children, their results."""
