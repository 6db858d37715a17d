"""Meta's platforms, which share the Graph API: Messenger, Instagram and WhatsApp."""
