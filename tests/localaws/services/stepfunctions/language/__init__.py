"""What a definition says: its text, its expressions, and the JSON that passes from state to state."""
