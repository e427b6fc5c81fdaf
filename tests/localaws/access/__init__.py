"""Who may do what: policies, roles, keys, and the permissions that calls need."""
