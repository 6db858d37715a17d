"""WhatsApp numbers of the brand, through Meta's Cloud API."""
