"""Who the customer is, as far as their messages say."""

from dataclasses import replace

from conversation.model import NAME_LIMIT, Peer


def bounded(sender: Peer) -> Peer:
    """Cut a name that is longer than a colleague wants to read."""
    if sender.name is None or 0 < len(sender.name) <= NAME_LIMIT:
        return sender
    return replace(sender, name=sender.name[:NAME_LIMIT] or None)


def known(sender: Peer, before: Peer | None) -> Peer:
    """Keep a name that was learned of somebody whose messages carry none."""
    nameless = sender.name is None and sender.username is None
    if before is None or before.user_id != sender.user_id or not nameless:
        return bounded(sender)
    return replace(before, language=sender.language or before.language)
