import pytest

from config.document import DEPTH_MAX, TEXT_MAX, VALUES_MAX
from config.load import ConfigError, load


def lines_of(text: str | bytes) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, env={})
    return [str(each) for each in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1: is empty"),
        ("# nothing\n", "1: is empty"),
        ("---\n...\n", "2: holds no keys at its top"),
        ("- brand\n", "1: holds no keys at its top"),
        ("brand\n", "1: holds no keys at its top"),
        ("brand:\n\tname: N\n", "2: is not valid YAML: a tab stands where only spaces may"),
        ("brand: {name: N\n", "1: is not valid YAML: the file ends inside a bracket"),
        ("brand: {name: ${N}}\n", "1: is not valid YAML: a brace stands where a value ends"),
        ('brand: {name: "N}\n', "1: is not valid YAML: quotes are opened and never closed"),
        ('brand: {name: "a\\d"}\n', "1: is not valid YAML: a backslash inside double quotes"),
        ("brand:\n  name: N: M\n", "2: is not valid YAML: a second colon in one line"),
        ("brand:\n  name: @N\n", "2: is not valid YAML: a value starts with a reserved"),
        ("brand:\n  name: *N\n", "2: is not valid YAML: a value starts with *"),
        ("brand:\n  name: N\n nme: N\n", "3: is not valid YAML"),
        ("brand: {name: N}\n---\nbrand: {}\n", "2: is not valid YAML: a second document begins"),
        ("%YAML 1.1\n---\nbrand: {name: off}\n", "2: asks for another YAML version"),
        ("brand: {name: N}\n# \x00\n", "2: holds a character that YAML does not allow"),
        (b"brand:\n  name: N\xfc\n", "2: is not UTF-8"),
        ("# " + "x" * TEXT_MAX, "1: is larger than 512 KiB"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_text_that_cannot_be_read_names_its_line(text: str | bytes, says: str) -> None:
    (line,) = lines_of(text)
    assert line.startswith(f"socialcare.yaml:{says}")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{b: "])
def test_depth_is_bounded_before_anything_recursive_reads_it(opening: str) -> None:
    (line,) = lines_of("brand: " * (opening != "- ") + opening * 5_000)
    assert f"is nested deeper than {DEPTH_MAX} levels" in line


def test_aliases_unfold_only_so_far() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for name, before in zip("bcdefg", "abcdef", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    assert VALUES_MAX < 10**6
    (line,) = lines_of(bomb)
    assert "unfolds to too many values" in line


def test_an_alias_of_itself_ends() -> None:
    (line,) = lines_of("brand: &b {name: *b}\n")
    assert "unfolds to too many values" in line


def test_a_plain_alias_is_yaml() -> None:
    text = "brand: {name: &n Northwind, voice: *n}\n"
    assert load(text, env={}).brand.voice == "Northwind"


def test_every_duplicate_is_told_with_its_first_line() -> None:
    text = "brand:\n  name: A\n  name: B\n  voice: C\n  voice: D\n"
    assert lines_of(text) == [
        "socialcare.yaml:3: brand.name: is already set in line 2; keep one",
        "socialcare.yaml:5: brand.voice: is already set in line 4; keep one",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("brand: {name: !secret x}", "starts with ! and would be a YAML tag"),
        ("brand: {name: N, <<: {voice: V}}", "merge keys (<<) are not supported"),
        ("brand: {name: N}\n? [a]\n: b\n", "a key is not a word"),
    ],
)
def test_yaml_that_nobody_needs_is_refused(text: str, says: str) -> None:
    assert any(says in line for line in lines_of(text))


def test_a_byte_order_mark_is_no_character() -> None:
    assert load("\ufeffbrand: {name: N}", env={}).brand.name == "N"
    assert load(b"\xef\xbb\xbfbrand: {name: N}", env={}).brand.name == "N"


@pytest.mark.parametrize(
    ("written", "port"), [("0x50", 80), ("0o17", 15), ("8_080", 8080), ("010", 10), ("+5", 5)]
)
def test_numbers_are_those_of_yaml_1_2(written: str, port: int) -> None:
    text = f"brand: {{name: N}}\nserver: {{port: {written}}}\n"
    assert load(text, env={}).server.port == port


@pytest.mark.parametrize("written", [".nan", ".inf", "-.inf", "1e999"])
def test_numbers_without_an_end_are_no_numbers(written: str) -> None:
    text = f"brand: {{name: N}}\nknowledge: {{floor: {written}}}\n"
    assert "knowledge.floor: must be a number" in lines_of(text)[0]


def test_reading_errors_carry_no_text_in_their_chain() -> None:
    with pytest.raises(ConfigError) as caught:
        load("brand: {name: *hunter2}", env={})
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
