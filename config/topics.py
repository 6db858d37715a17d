"""What customers write about, as far as the product knows by itself."""

from typing import Final

SHIPPED_TOPICS: Final = (
    "order_status",
    "delivery_late",
    "not_received",
    "damaged_item",
    "wrong_item",
    "missing_item",
    "defective_item",
    "duplicate_charge",
    "wrong_charge",
    "refund_request",
    "refund_status",
    "replacement_request",
    "cancel_order",
    "change_order",
    "change_address",
    "start_return",
    "return_status",
    "exchange",
    "gift_card",
    "promo_code",
    "invoice",
    "payment_failed",
    "account_access",
    "delete_data",
    "subscription_cancel",
    "booking_change",
    "booking_cancel",
    "booking_question",
    "product_question",
    "stock_question",
    "shipping_info",
    "store_hours",
    "staff_complaint",
    "praise",
    "human_request",
    "opt_out",
    "withdrawal",
    "legal_guarantee",
    "legal_threat",
    "safety_issue",
    "spam",
    "out_of_scope",
    "greeting",
    "thanks",
    "confirmation_yes",
    "confirmation_no",
)
"""Ids of the shipped topics; a brand adds its own with examples and may switch any off."""

ASKS_NOTHING: Final = frozenset(
    {"greeting", "thanks", "confirmation_yes", "confirmation_no", "human_request"}
)
"""Topics that are no case by themselves, and that no article answers."""
