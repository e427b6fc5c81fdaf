"""The services, each by itself: none knows another but through calls to the account."""
