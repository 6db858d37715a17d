"""The platforms: what each sends and takes, as pure codecs behind thin transports."""
