"""The counter where customers bring pieces back."""
