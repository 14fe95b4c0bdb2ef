"""What the portal tells DdD, one module for each kind of posting."""
