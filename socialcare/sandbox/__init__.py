"""Stand-ins of the platforms and a pretend shop: servers on 127.0.0.1 that obey the live rules.

They serve the tests and `socialcare demo`. They share no code with the adapters and connectors
that talk to them: shared code would make their bugs agree.
"""
