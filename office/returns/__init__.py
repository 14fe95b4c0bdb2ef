"""Head office's part of returns: the policy, and what customers are owed."""
