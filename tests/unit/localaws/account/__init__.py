"""The account: serving, and faults on demand."""
