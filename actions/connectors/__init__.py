"""How the brand's systems are reached."""
