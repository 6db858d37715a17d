"""What a button of ours carries: which conversation, which case, which draft; never an amount."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Handle(BaseModel):
    """The ids behind a button or a modal; everything else is looked up when it is pressed."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, populate_by_name=True, defer_build=True
    )

    conversation: str = Field(alias="c", min_length=1, max_length=200)
    case_id: str = Field(alias="k", max_length=200)
    about: str = Field(default="", alias="a", max_length=300)
    """The draft, note or sign-off that is meant."""
    warned: tuple[str, ...] = Field(default=(), alias="w", max_length=20)
    """Marks of the doubts that who presses was told of (`handoff.warning.mark`)."""

    def encode(self) -> str:
        """Give the button's `value`."""
        return self.model_dump_json(by_alias=True, exclude_defaults=True)


def read_handle(value: str) -> Handle | None:
    """Read a button's `value`; None for what no button of ours carries."""
    try:
        return Handle.model_validate_json(value)
    except ValidationError:
        return None
