"""Where a PostgreSQL store is and what is wrong with it, in words that hold no password."""

from urllib.parse import parse_qs, unquote, urlsplit


def place(url: str) -> str:
    """Say where a store is: ``PostgreSQL at db.example:5432, database care``."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.netloc.rpartition("@")[2]])[0]
    return f"PostgreSQL at {host or 'localhost'}, database {parts.path.strip('/') or '?'}"


def why(error: Exception, url: str) -> str:
    """Say what an error means, without the password that its text may hold."""
    if isinstance(error, TimeoutError):
        return "it does not answer"
    text = str(error) or type(error).__name__
    password = urlsplit(url).password or ""
    for said in {password, unquote(password)} - {""}:
        text = text.replace(said, "***")
    return text
