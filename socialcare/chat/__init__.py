"""The web chat's side of the service: its pages, its sockets, and following the log for them."""
