"""What Slack refuses: blocks, modals and texts out of shape, in its words.

https://docs.slack.dev/reference/block-kit/blocks and /reference/views; the total size of a
message's blocks is undocumented (bolt-js issues 2509 and 2867) and counted over their JSON.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

Json = dict[str, Any]

MESSAGE_BLOCKS_MAX: Final = 50
MODAL_BLOCKS_MAX: Final = 100
BLOCKS_TOTAL_MAX: Final = 13_200
TEXT_MAX: Final = 40_000
UPDATED_TEXT_MAX: Final = 4_000
PRIVATE_METADATA_MAX: Final = 3_000
TITLE_MAX: Final = 24
ID_MAX: Final = 255
OPTIONS_MAX: Final = 100

_ELEMENTS = frozenset(
    {
        "button",
        "checkboxes",
        "datepicker",
        "datetimepicker",
        "email_text_input",
        "file_input",
        "image",
        "multi_static_select",
        "multi_users_select",
        "number_input",
        "overflow",
        "plain_text_input",
        "radio_buttons",
        "rich_text_input",
        "static_select",
        "timepicker",
        "url_text_input",
        "users_select",
    }
)
_WITH_OPTIONS = frozenset(
    {"static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow"}
)
_PLAIN: Final = ("plain_text",)
_EITHER: Final = ("plain_text", "mrkdwn")


class SlackRefusalError(Exception):
    """HTTP 200 with `{"ok": false, "error": …}`, and whatever else Slack adds."""

    def __init__(self, error: str, *, messages: list[str] | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages or []


def _text_faults(value: Any, where: str, limit: int, kinds: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(value, dict) or not _is_one_of(value.get("type"), kinds):
        yield f"must be a {' or '.join(kinds)} object [json-pointer:{where}]"
        return
    words = value.get("text")
    if not isinstance(words, str) or not words:
        yield f"must be more than 0 characters [json-pointer:{where}/text]"
    elif len(words) > limit:
        yield f"must be less than {limit + 1} characters [json-pointer:{where}/text]"
    unknown = value.keys() - {"type", "text", "emoji", "verbatim"}
    if unknown or (value["type"] == "mrkdwn" and "emoji" in value):
        yield f"no additional properties allowed: {sorted(unknown)} [json-pointer:{where}]"


def _is_one_of(value: Any, names: Collection[str]) -> bool:
    # Anything may stand there; what is no string may not even be hashable.
    return isinstance(value, str) and value in names


def _id_faults(item: Json, name: str, where: str) -> Iterator[str]:
    value = item.get(name)
    if value is not None and (not isinstance(value, str) or not 0 < len(value) <= ID_MAX):
        yield f"must be 1 to {ID_MAX} characters [json-pointer:{where}/{name}]"


def _button_faults(item: Json, where: str) -> Iterator[str]:
    yield from _text_faults(item.get("text"), f"{where}/text", 75, _PLAIN)
    value = item.get("value")
    if value is not None and (not isinstance(value, str) or len(value) > 2000):
        yield f"must be less than 2001 characters [json-pointer:{where}/value]"
    if not _is_one_of(item.get("style", "primary"), ("primary", "danger")):
        yield f"must be primary or danger [json-pointer:{where}/style]"
    url = item.get("url")
    if url is not None and not re.fullmatch(r"https?://\S{1,2990}", str(url)):
        yield f"must be a valid URL [json-pointer:{where}/url]"


def _option_faults(item: Json, where: str) -> Iterator[str]:
    groups = item.get("option_groups") or [{"options": item.get("options")}]
    for group in groups if isinstance(groups, list) else [None]:
        options = group.get("options") if isinstance(group, dict) else None
        if not isinstance(options, list) or not 1 <= len(options) <= OPTIONS_MAX:
            yield f"must have 1 to {OPTIONS_MAX} options [json-pointer:{where}/options]"
            continue
        for index, option in enumerate(options):
            at = f"{where}/options/{index}"
            if not isinstance(option, dict):
                yield f"must be an object [json-pointer:{at}]"
                continue
            yield from _text_faults(option.get("text"), f"{at}/text", 75, _EITHER)
            value = option.get("value")
            if not isinstance(value, str) or not 0 < len(value) <= 150:
                yield f"must be 1 to 150 characters [json-pointer:{at}/value]"


def _element_faults(item: Any, where: str) -> Iterator[str]:
    if not isinstance(item, dict) or not _is_one_of(item.get("type"), _ELEMENTS):
        yield f"unsupported type [json-pointer:{where}/type]"
        return
    yield from _id_faults(item, "action_id", where)
    if item["type"] == "button":
        yield from _button_faults(item, where)
    elif item["type"] in _WITH_OPTIONS:
        yield from _option_faults(item, where)
    if "placeholder" in item:
        yield from _text_faults(item["placeholder"], f"{where}/placeholder", 150, _PLAIN)
    if "confirm" in item and not isinstance(item["confirm"], dict):
        yield f"must be an object [json-pointer:{where}/confirm]"


def _section_faults(block: Json, where: str) -> Iterator[str]:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        yield f"missing required field: text [json-pointer:{where}]"
    if block.get("text") is not None:
        yield from _text_faults(block["text"], f"{where}/text", 3000, _EITHER)
    if fields is not None and (not isinstance(fields, list) or not 1 <= len(fields) <= 10):
        yield f"no more than 10 items allowed [json-pointer:{where}/fields]"
    elif fields is not None:
        for index, each in enumerate(fields):
            yield from _text_faults(each, f"{where}/fields/{index}", 2000, _EITHER)
    if "accessory" in block:
        yield from _element_faults(block["accessory"], f"{where}/accessory")


def _header_faults(block: Json, where: str) -> Iterator[str]:
    yield from _text_faults(block.get("text"), f"{where}/text", 150, _PLAIN)


def _actions_faults(block: Json, where: str) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        yield f"missing required field: elements [json-pointer:{where}]"
        return
    if len(elements) > 25:
        yield f"no more than 25 items allowed [json-pointer:{where}/elements]"
    for index, each in enumerate(elements):
        yield from _element_faults(each, f"{where}/elements/{index}")
    given = [each.get("action_id") for each in elements if isinstance(each, dict)]
    ids = [str(each) for each in given if each is not None]
    if len(ids) != len(set(ids)):
        yield f"`action_id` must be unique within a block [json-pointer:{where}/elements]"


def _context_faults(block: Json, where: str) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        yield f"missing required field: elements [json-pointer:{where}]"
        return
    if len(elements) > 10:
        yield f"no more than 10 items allowed [json-pointer:{where}/elements]"
    for index, each in enumerate(elements):
        if not (isinstance(each, dict) and each.get("type") == "image"):
            yield from _text_faults(each, f"{where}/elements/{index}", 3000, _EITHER)


def _image_faults(block: Json, where: str) -> Iterator[str]:
    if not block.get("image_url") and not block.get("slack_file"):
        yield f"missing required field: image_url [json-pointer:{where}]"
    if not 0 < len(str(block.get("alt_text") or "")) <= 2000:
        yield f"missing required field: alt_text [json-pointer:{where}]"


def _input_faults(block: Json, where: str) -> Iterator[str]:
    yield from _text_faults(block.get("label"), f"{where}/label", 2000, _PLAIN)
    if "hint" in block:
        yield from _text_faults(block["hint"], f"{where}/hint", 2000, _PLAIN)
    yield from _element_faults(block.get("element"), f"{where}/element")


def _markdown_faults(block: Json, where: str) -> Iterator[str]:
    if not 0 < len(str(block.get("text") or "")) <= 12_000:
        yield f"must be less than 12001 characters [json-pointer:{where}/text]"


def _rich_text_faults(block: Json, where: str) -> Iterator[str]:
    elements = block.get("elements")
    kinds = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
    if not isinstance(elements, list) or not elements:
        yield f"missing required field: elements [json-pointer:{where}]"
    elif any(
        not isinstance(each, dict) or not _is_one_of(each.get("type"), kinds) for each in elements
    ):
        yield f"unsupported type [json-pointer:{where}/elements]"


def _divider_faults(block: Json, where: str) -> Iterator[str]:
    extra = block.keys() - {"type", "block_id"}
    if extra:
        yield f"no additional properties allowed: {sorted(extra)} [json-pointer:{where}]"


_BLOCKS: Final[dict[str, Callable[[Json, str], Iterator[str]]]] = {
    "actions": _actions_faults,
    "context": _context_faults,
    "divider": _divider_faults,
    "header": _header_faults,
    "image": _image_faults,
    "input": _input_faults,
    "markdown": _markdown_faults,
    "rich_text": _rich_text_faults,
    "section": _section_faults,
}


def _block_faults(blocks: list[Any], most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:/blocks]"
    for index, block in enumerate(blocks):
        where = f"/blocks/{index}"
        check = _BLOCKS.get(str(block.get("type"))) if isinstance(block, dict) else None
        if check is None:
            yield f"unsupported type [json-pointer:{where}/type]"
            continue
        yield from _id_faults(block, "block_id", where)
        yield from check(block, where)
    ids = [block["block_id"] for block in blocks if isinstance(block, dict) and "block_id" in block]
    if len(ids) != len(set(map(str, ids))):
        yield "`block_id` must be unique [json-pointer:/blocks]"


def check_blocks(blocks: Any) -> list[Json]:
    """Check the blocks of a message and give them back with a block_id each.

    Raises:
        SlackRefusalError: `invalid_blocks` with reasons, `msg_blocks_too_long`.
    """
    if not isinstance(blocks, list):
        raise SlackRefusalError("invalid_blocks_format")
    if faults := list(_block_faults(blocks, MESSAGE_BLOCKS_MAX)):
        raise SlackRefusalError("invalid_blocks", messages=faults)
    size = len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))
    if size > BLOCKS_TOTAL_MAX:
        raise SlackRefusalError("msg_blocks_too_long")
    return _with_ids(blocks)


def _view_faults(view: Json) -> Iterator[str]:
    if not _is_one_of(view.get("type"), ("modal", "home")):
        yield "must be modal or home [json-pointer:/view/type]"
    yield from _text_faults(view.get("title"), "/view/title", TITLE_MAX, _PLAIN)
    for name in ("submit", "close"):
        if name in view:
            yield from _text_faults(view[name], f"/view/{name}", TITLE_MAX, _PLAIN)
    metadata = view.get("private_metadata", "")
    if not isinstance(metadata, str) or len(metadata) > PRIVATE_METADATA_MAX:
        yield "must be less than 3001 characters [json-pointer:/view/private_metadata]"
    yield from _id_faults(view, "callback_id", "/view")
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not blocks:
        yield "missing required field: blocks [json-pointer:/view/blocks]"
        return
    yield from _block_faults(blocks, MODAL_BLOCKS_MAX)
    inputs = any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)
    if inputs and "submit" not in view:
        yield "`submit` is required when an input block is in blocks [json-pointer:/view/submit]"


def check_view(view: Any) -> Json:
    """Check a modal and give it back with a block_id and action_id everywhere.

    Raises:
        SlackRefusalError: `invalid_arguments` with reasons.
    """
    faults = list(_view_faults(view)) if isinstance(view, dict) else ["must be an object"]
    if faults:
        raise SlackRefusalError("invalid_arguments", messages=faults)
    return {**view, "blocks": _with_ids(view["blocks"])}


def _with_action_id(item: Any, number: str) -> Any:
    if not isinstance(item, dict) or item.get("type") not in _ELEMENTS - {"image"}:
        return item
    return {"action_id": f"a{number}", **item}


def _with_ids(blocks: list[Json]) -> list[Json]:
    named: list[Json] = []
    for index, block in enumerate(blocks):
        whole = {"block_id": f"blk{index}", **block}
        for name in ("accessory", "element"):
            if name in whole:
                whole[name] = _with_action_id(whole[name], f"{index}")
        if whole["type"] == "actions":
            whole["elements"] = [
                _with_action_id(each, f"{index}-{place}")
                for place, each in enumerate(whole["elements"])
            ]
        named.append(whole)
    return named
