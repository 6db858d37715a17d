"""X (formerly Twitter): posts in public, direct messages in private."""
