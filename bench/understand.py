"""How well and how fast the embedded brain understands: `python bench/understand.py [FOLDER]`.

Latency and start-up on the tests' own messages; accuracy on held-out parts of public data sets
(banking77, bitext27, clinc150) where FOLDER has them. Everything is seeded.
"""

import csv
import json
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from brain.classifier import Classifier
from brain.encoder import UseEncoder
from brain.examples import Example, shipped_topics
from brain.triage import Triage

_ROOT = Path(__file__).parents[1]
_SHOTS, _HELD = 20, 20
# Bitext's intents that mean one of our topics.
_BITEXT = {
    "cancel_order": {"cancel_order"},
    "change_order": {"change_order"},
    "change_shipping_address": {"change_address"},
    "get_invoice": {"invoice"},
    "check_invoice": {"invoice"},
    "contact_human_agent": {"human_request"},
    "delete_account": {"delete_data"},
    "get_refund": {"refund_request"},
    "track_refund": {"refund_status"},
    "track_order": {"order_status"},
    "payment_issue": {"payment_failed"},
    "recover_password": {"account_access"},
    "delivery_options": {"shipping_info"},
}


def main() -> None:
    """Measure and print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _ROOT / ".." / "shared" / "data"
    started = perf_counter()
    encoder = UseEncoder()
    loaded = perf_counter()
    classifier = Classifier.train(shipped_topics(), encoder)
    trained = perf_counter()
    state = classifier.to_bytes()
    Classifier.from_bytes(state, encoder)
    cached = perf_counter()
    triage = Triage(
        encoder=encoder,
        classifier=classifier,
        order_id_patterns=[r"#?[A-Z]-?\d{5,6}"],
        languages=["en", "de", "fr", "es"],
        currency="GBP",
    )
    ready = perf_counter()
    _say(f"encoder {loaded - started:.2f} s, training {trained - loaded:.2f} s")
    _say(f"from cache {(cached - trained) * 1e3:.0f} ms ({len(state) / 1e6:.1f} MB)")
    _say(f"language, mood and calendar {ready - cached:.2f} s")
    _latency(triage)
    if folder.is_dir():
        _shots(folder / "banking77" / "train.csv", "text", "category", encoder)
        _shots(folder / "bitext27" / "train.csv", "utterance", "intent", encoder)
        _zero_shot(folder / "bitext27" / "train.csv", classifier)
        _outside(folder / "clinc150" / "train_val.json", classifier)


def _latency(triage: Triage) -> None:
    text = (_ROOT / "tests" / "brain" / "messages.yaml").read_text(encoding="utf-8")
    messages = YAML(typ="safe", pure=True).load(text)
    now, zone = datetime(2026, 11, 18, 10, tzinfo=UTC), ZoneInfo("Europe/London")
    taken = []
    for message, *_ in messages["messages"] + messages["later"]:
        before = perf_counter()
        triage.understand(message, now=now, timezone=zone)
        taken.append((perf_counter() - before) * 1e3)
    cuts = statistics.quantiles(taken, n=100)
    _say(f"a message: p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms")


def _shots(path: Path, text: str, label: str, encoder: UseEncoder) -> None:
    by_label: dict[str, list[str]] = defaultdict(list)
    for row in _rows(path):
        by_label[row[label]].append(row[text])
    shuffled = random.Random(7)  # noqa: S311 - a fixed sample, not a secret
    taught, held = [], []
    for name, texts in sorted(by_label.items()):
        shuffled.shuffle(texts)
        taught += [Example(name, each) for each in texts[:_SHOTS]]
        held += [Example(name, each) for each in texts[_SHOTS : _SHOTS + _HELD]]
    rankings = Classifier.train(taught, encoder).rank([each.text for each in held])
    right = sum(ranking.best == each.label for ranking, each in zip(rankings, held, strict=True))
    _say(f"{path.parent.name}, {_SHOTS} examples each: accuracy {right / len(held):.3f}")


def _zero_shot(path: Path, classifier: Classifier) -> None:
    rows = [row for row in _rows(path) if row["intent"] in _BITEXT]
    random.Random(7).shuffle(rows)  # noqa: S311 - a fixed sample, not a secret
    rows = rows[:1_000]
    rankings = classifier.rank([row["utterance"] for row in rows])
    right = sum(
        ranking.best in _BITEXT[row["intent"]] for ranking, row in zip(rankings, rows, strict=True)
    )
    _say(f"bitext27 by the shipped catalogue alone: accuracy {right / len(rows):.3f}")


def _outside(path: Path, classifier: Classifier) -> None:
    texts = [text for text, _ in json.loads(path.read_text(encoding="utf-8"))["oos_val"]]
    strange = sum(
        ranking.best in {"out_of_scope", "spam"} or ranking.score < classifier.threshold
        for ranking in classifier.rank(texts)
    )
    _say(f"clinc150 out of scope: {strange / len(texts):.3f} rejected by the shipped catalogue")


def _rows(path: Path) -> Sequence[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
