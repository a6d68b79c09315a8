"""The name that a charge has for ever; no version and no time are in it."""


def base_charge(subscription_id: str, item_id: str, period_no: int) -> str:
    """What an item costs for a period: charged once, unless it was taken back."""
    return f"{subscription_id}/{item_id}/{period_no}/base"
