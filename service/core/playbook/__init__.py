"""The playbook: its model, its conditions, and what can be wrong with it."""
