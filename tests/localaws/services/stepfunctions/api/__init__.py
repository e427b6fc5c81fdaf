"""The operations of Step Functions, and what they refuse."""
