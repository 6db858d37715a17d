"""How Meta's webhooks word what is written under posts, and posts on a page.

https://developers.facebook.com/docs/graph-api/webhooks/reference/page and …/reference/instagram
"""

from typing import Any

from socialcare.sandbox.graph_people import Comment
from socialcare.sandbox.graph_rules import Place

Json = dict[str, Any]


def change_of(place: Place, comment: Comment, verb: str) -> Json | None:
    """Word what became of a comment or a post; None where the place tells nobody."""
    if place == "instagram":
        return _on_instagram(comment) if verb == "add" else None
    value: Json = {
        "item": "post" if comment.is_post else "comment",
        "verb": verb,
        "post_id": comment.post_id,
        "created_time": int(comment.at.timestamp()),
        "from": {"id": comment.author_id, "name": comment.author_name},
        "message": comment.text,
    }
    if not comment.is_post:
        value["comment_id"] = comment.comment_id
        value["parent_id"] = comment.parent_id or comment.post_id
    return {"field": "feed", "value": value}


def _on_instagram(comment: Comment) -> Json:
    value: Json = {
        "id": comment.comment_id,
        "text": comment.text,
        "from": {"id": comment.author_id, "username": comment.author_name.lower()},
        "media": {"id": comment.post_id, "media_product_type": "FEED"},
    }
    if comment.parent_id is not None:
        value["parent_id"] = comment.parent_id
    return {"field": "comments", "value": value}
