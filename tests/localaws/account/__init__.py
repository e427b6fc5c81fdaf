"""The account: what a call is, who runs, and what goes wrong on demand. Knows none of the services."""
