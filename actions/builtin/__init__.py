"""The actions the product ships with."""
