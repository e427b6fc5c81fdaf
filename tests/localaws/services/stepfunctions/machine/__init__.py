"""What runs: executions, their states one after the other, and their history."""
