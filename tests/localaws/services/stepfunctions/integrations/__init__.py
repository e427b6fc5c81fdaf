"""Tasks that call a service."""
