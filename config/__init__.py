"""One YAML file, parsed once into frozen values: schema, loader and the rules that read it."""
