"""Customers' profiles as the Graph API tells them.

https://developers.facebook.com/docs/messenger-platform/identity/user-profile and
https://developers.facebook.com/docs/messenger-platform/instagram/features/user-profile
"""

from typing import Any, Final

from socialcare.sandbox.graph_people import GraphCustomer
from socialcare.sandbox.graph_rules import GraphRefusalError, Place, bad_parameter

Json = dict[str, Any]

FIELDS: Final[dict[Place, frozenset[str]]] = {
    "page": frozenset({"id", "name", "first_name", "last_name", "profile_pic"}),
    "instagram": frozenset({"id", "name", "username", "profile_pic"}),
}


def read_profile(customer: GraphCustomer, fields: str) -> Json:
    """Tell what is asked of a customer, to whom they wrote and if they let it be read."""
    asked = [one for one in fields.split(",") if one]
    unknown = [one for one in asked if one not in FIELDS[customer.place]]
    if unknown:
        raise bad_parameter(f"Tried accessing nonexisting field ({unknown[0]})")
    if customer.thread.last_customer_at is None:
        raise GraphRefusalError(230, "User consent is required to access user profile")
    if customer.thread.private_profile:
        raise bad_parameter("No profile available for this user.", subcode=2018218)
    first, _, last = customer.name.partition(" ")
    told = {
        "name": customer.name,
        "first_name": first,
        "last_name": last,
        "username": customer.name.lower().replace(" ", "."),
        "profile_pic": "https://scontent.example/face.jpg?oe=1",
    }
    return {"id": customer.user_id} | {one: told[one] for one in asked if one != "id"}
