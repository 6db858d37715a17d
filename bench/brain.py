"""How well messages are understood: the table of docs/figures.md, part by part, with its goals.

`python bench/brain.py [--data FOLDER] [--encoder multilingual|english] [--only PART ...]`: the
folder holds the data sets, by default that of SOCIALCARE_BENCH_DATA; what is not there is named and
left out. Vectors and finished parts are kept in the cache folder, so a run that was broken off goes
on; `--fresh` measures again (`--only fresh` is a part); `--errors` prints at the end what was
misheard of `whole` and `fresh`, where they are measured, of the half that may be read. The code is
the product's: brain.issue_reader, brain.classifier, brain.triage; for those two all that the
command runs.
"""

import argparse
import hashlib
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))  # "brain" is the product's, not this file

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from ruamel.yaml import YAML
from typing_extensions import override

from bench import brain_sets as sets
from bench import whole as everything
from brain.classifier import Classifier, Ranking
from brain.encoder import Encoder, UseEncoder, Vectors
from brain.english import EnglishEncoder, JoinedEncoder
from brain.examples import shipped_topics
from brain.heads import Heads, shipped_heads
from brain.issue_reader import IssueReader
from brain.triage import Triage
from config.load import load
from socialcare.apart import Apart
from socialcare.learning import Learning

_ROOT = Path(__file__).parents[1]
_OWN = _ROOT / "bench" / "issues"
_SEEDS = (1, 2, 3)
_NOW, _ZONE = datetime(2026, 11, 18, 10, tzinfo=UTC), ZoneInfo("Europe/London")
_TALK = frozenset({"greeting", "thanks", "confirmation_yes", "confirmation_no"})
"""Topics that the own messages are not labelled with."""
_FAMILY = {
    "exchange": "swap", "change_order": "swap", "replacement_request": "swap",
    "cancel_order": "undo", "start_return": "undo", "refund_request": "undo", "withdrawal": "undo",
    "change_address": "address",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table."""

    what: str
    value: float
    goal: float
    at_most: bool = False
    """The goal is an upper bound."""

    @property
    def missed(self) -> bool:
        """Whether the goal was not reached."""
        return self.value > self.goal if self.at_most else self.value < self.goal


class Remembering:
    """An encoder that keeps its vectors in a file: texts come again in every part and run."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self.name, self.dimensions = encoder.name, encoder.dimensions
        self._file = (
            folder / f"vectors-{hashlib.sha256(encoder.name.encode()).hexdigest()[:16]}.npz"
        )
        self._rows: dict[str, Vectors] = {}
        if self._file.is_file():
            with np.load(self._file) as kept:
                self._rows = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Give the rows, new ones from the encoder."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        for at in range(0, len(new), 500):
            batch = new[at : at + 500]
            self._rows.update(zip(batch, self._encoder.encode(batch), strict=True))
            if len(new) > 1_000:
                _progress(f"encoding {at + len(batch)} of {len(new)}")
        rows = [self._rows[text] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimensions)

    def keep(self) -> None:
        """Write the file."""
        texts = np.array(list(self._rows))
        np.savez(self._file, texts=texts, vectors=np.array(list(self._rows.values())))


# --- the parts


def bitext(data: Path, encoder: Encoder) -> list[Figure]:
    """27 intents of customer care, 20 examples each."""
    f1 = statistics.fmean(_shots(data / "bitext27", encoder, held=30, seed=s)[0] for s in _SEEDS)
    return [Figure(what="Bitext-27, 20 an intent: macro-F1", value=f1, goal=0.970)]


def banking(data: Path, encoder: Encoder) -> list[Figure]:
    """77 intents of a bank, 20 examples each."""
    runs = [_shots(data / "banking77", encoder, held=40, seed=seed) for seed in _SEEDS]
    return [
        Figure(what="BANKING77, 20 an intent: macro-F1",
               value=statistics.fmean(f1 for f1, _ in runs), goal=0.885),
        Figure(what="BANKING77, 20 an intent: accuracy",
               value=statistics.fmean(right for _, right in runs), goal=0.885),
    ]  # fmt: skip


def clinc(data: Path, encoder: Encoder) -> list[Figure]:
    """150 intents and what is none of them; the product's own threshold decides."""
    split = sets.clinc(data / "clinc150")
    classifier = Classifier.train(split.taught, encoder)
    right = rejected = outside = 0
    known: list[float] = []
    unknown: list[float] = []
    for (_, labels), ranking in zip(split.asked, _ranked(classifier, split), strict=True):
        accepted = ranking.score >= classifier.threshold
        (known if labels else unknown).append(ranking.score)
        right += bool(labels) and accepted and ranking.best in labels
        outside += not labels
        rejected += not labels and not accepted
    return [
        Figure(what="CLINC150: in-scope accuracy, rejection on", value=right / len(known),
               goal=0.925),
        Figure(what="CLINC150: out-of-scope recall", value=rejected / outside, goal=0.88),
        Figure(what="CLINC150: out-of-scope AUROC", value=_auroc(known, unknown), goal=0.974),
    ]  # fmt: skip


def mixes(data: Path, encoder: Encoder) -> list[Figure]:
    """Two and three issues in one message, of 100 examples an intent."""
    found = wanted = exact = count = 0
    for seed in _SEEDS:
        split = sets.shots(data / "bitext27", each=100, held=0, seed=seed)
        reader = IssueReader.taught(split.taught, encoder)
        for text, labels in sets.mixes(data / "bitext27", each=100, count=150, seed=seed):
            read = {issue.topic for issue in reader.read(text).issues}
            found, wanted = found + len(read & labels), wanted + len(labels)
            exact, count = exact + (read == labels), count + 1
    return [
        Figure(what="Bitext, 2-3 issues: recall", value=found / wanted, goal=0.97),
        Figure(what="Bitext, 2-3 issues: all and no other", value=exact / count, goal=0.93),
    ]


def hint3(data: Path, encoder: Encoder) -> list[Figure]:
    """Three bots' real messages; a third of the intents is unknown to them."""
    figures = []
    for bot, goal in zip(sets.HINT3, (0.88, 0.89, 0.80), strict=True):
        values = []
        for seed in range(1, 11):
            split = sets.hint3(data / "hint3", bot, seed=seed)
            rankings = _ranked(Classifier.train(split.taught, encoder), split)
            scored = [(bool(labels), ranking.score) for (_, labels), ranking
                      in zip(split.asked, rankings, strict=True)]  # fmt: skip
            values.append(_auroc([s for known, s in scored if known],
                                 [s for known, s in scored if not known]))  # fmt: skip
        what = f"HINT3 {bot}, intents held out: AUROC"
        figures.append(Figure(what=what, value=statistics.fmean(values), goal=goal))
    return figures


def tau2(data: Path, encoder: Encoder) -> list[Figure]:
    """Which family of action a customer of tau2's shop calls for, by the shipped topics."""
    asked = sets.tau2(data / "tau2_retail")
    recall, precision = _read(_triage(encoder), asked, _FAMILY)
    return [
        Figure(what="tau2 retail, family of action: recall", value=recall, goal=0.93),
        Figure(what="tau2 retail, family of action: precision", value=precision, goal=0.70),
    ]


def own(data: Path, encoder: Encoder) -> list[Figure]:  # noqa: ARG001 - its messages are in the tree
    """The project's own messages, several issues in most; not by the author of the examples."""
    asked = sets.own_issues(_OWN / "social.yaml")
    return _own_figures("own social messages", _triage(encoder), asked)


def blind(data: Path, encoder: Encoder) -> list[Figure]:  # noqa: ARG001 - its messages are in the tree
    """Own messages that nobody who works on triage sees; small talk and spam too."""
    asked = sets.own_issues(_OWN / "street.yaml")
    triage = _triage(encoder, languages=("en", "de", "fr", "es", "it", "nl", "pt"))
    talk = _TALK | {"out_of_scope", "spam"}
    chat = [(text, labels) for text, labels in asked if labels & talk]
    right = sum(_read_as(triage, text) == labels for text, labels in chat)
    return [
        *_own_figures(
            "own messages, blind", triage, [(text, labels - talk) for text, labels in asked]
        ),
        Figure(what="blind: small talk, spam, out of scope as such", value=right / len(chat),
               goal=0.90),
    ]  # fmt: skip


def _everything(of: str, data: Path, encoder: Encoder) -> list[Figure]:  # noqa: ARG001 - its messages are in the tree
    """All that `socialcare understand` prints, on messages labelled with all of it."""
    heard = everything.listen(of, _kind(encoder))
    halves = {"read": everything.read(heard), "unread": everything.unread(heard)}
    return [
        Figure(what=f"{of}, {half}: {what}", value=value, goal=goal)
        for half, messages in halves.items()
        for what, value, goal in everything.figures(messages)
    ]


def cost(data: Path, encoder: Encoder) -> list[Figure]:  # noqa: ARG001 - it needs no data
    """Time and memory of a message, in a process of its own that has nothing else to do.

    It loads and learns as `socialcare run` does, at a first start in a child process. "At most" is
    the most that was ever resident (VmHWM), pages of mapped files included; at the end it is told
    apart: private memory, and the share of everything by PSS.
    """
    kind = _kind(encoder)
    most = 450 if kind == "english" else 300
    with tempfile.TemporaryDirectory() as folder:
        first = _in_its_own_process(kind, cache=folder)
        later = _in_its_own_process(kind, cache=folder)
    rows = [
        ("a message: p50 ms", later["p50"], 10.0),
        ("a message: p99 ms", later["p99"], 60.0),
        ("memory at most, learnt before: MiB", later["peak"], most),
        ("of this at the end: private", later["private"], most),
        ("of this at the end: by PSS", later["pss"], most),
        ("memory at most at a first start: MiB", first["peak"], most),
        ("its child, which learns", first["child"], most),
        ("both together, no more than", first["together"], most),
    ]
    return [Figure(what=what, value=value, goal=goal, at_most=True) for what, value, goal in rows]


def _in_its_own_process(kind: str, *, cache: str) -> Mapping[str, float]:
    told = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, str(Path(__file__)), "--encoder", kind, "--measure-cost"],
        capture_output=True, check=True, text=True, env={**os.environ, "XDG_CACHE_HOME": cache},
    )  # fmt: skip
    found: dict[str, float] = json.loads(told.stdout)
    return found


_PARTS: Mapping[str, Callable[[Path, Encoder], list[Figure]]] = {
    "bitext": bitext, "banking": banking, "clinc": clinc, "mixes": mixes, "hint3": hint3,
    "tau2": tau2, "own": own, "blind": blind,
    **{of: partial(_everything, of) for of in everything.SETS},
    "cost": cost,
}  # fmt: skip


# --- measuring


def _shots(folder: Path, encoder: Encoder, *, held: int, seed: int) -> tuple[float, float]:
    split = sets.shots(folder, each=20, held=held, seed=seed)
    rankings = _ranked(Classifier.train(split.taught, encoder), split)
    pairs = [(min(labels), ranking.best) for (_, labels), ranking
             in zip(split.asked, rankings, strict=True)]  # fmt: skip
    scores = []
    for label in sorted({true for true, _ in pairs}):
        right = sum(true == label == said for true, said in pairs)
        either = sum(true == label for true, _ in pairs) + sum(said == label for _, said in pairs)
        scores.append(2 * right / either)
    return statistics.fmean(scores), sum(true == said for true, said in pairs) / len(pairs)


def _ranked(classifier: Classifier, split: sets.Split) -> list[Ranking]:
    texts = [text for text, _ in split.asked]
    return [
        each for at in range(0, len(texts), 500) for each in classifier.rank(texts[at : at + 500])
    ]


def _read(
    triage: Triage, asked: Iterable[tuple[str, frozenset[str]]], named: Mapping[str, str]
) -> tuple[float, float]:
    """Recall and precision over all issues; topics that ``named`` leaves out do not count."""
    right = wanted = said = 0
    for text, labels in asked:
        read = {named[each] for each in topics_of(triage, text, labels) if each in named}
        right, wanted, said = right + len(read & labels), wanted + len(labels), said + len(read)
    return right / max(1, wanted), right / max(1, said)


def topics_of(triage: Triage, text: str, labels: frozenset[str]) -> set[str]:
    """Read a message; talk counts where the message was labelled with talk."""
    issues = triage.understand(text, now=_NOW, timezone=_ZONE).issues
    return {issue.topic for issue in issues} - (_TALK - labels)


def _own_figures(
    of: str, triage: Triage, asked: Sequence[tuple[str, frozenset[str]]]
) -> list[Figure]:
    topics = {each.label: each.label for each in shipped_topics()}
    recall, precision = _read(triage, asked, topics)
    several = [(text, labels) for text, labels in asked if len(labels) > 1]
    recall_many, precision_many = _read(triage, several, topics)
    return [
        Figure(what=f"{of}: recall", value=recall, goal=0.90),
        Figure(what=f"{of}: precision", value=precision, goal=0.90),
        Figure(what="of these with several issues: recall", value=recall_many, goal=0.90),
        Figure(what="of these with several issues: precision", value=precision_many, goal=0.90),
    ]


def _read_as(triage: Triage, text: str) -> frozenset[str]:
    """What a message is taken for as a whole; a greeting or thanks beside it does no harm."""
    found = triage.understand(text, now=_NOW, timezone=_ZONE)
    if found.out_of_scope:
        outside = found.topics and found.topics[0][0] == "spam"
        return frozenset({"spam" if outside else "out_of_scope"})
    read = frozenset(issue.topic for issue in found.issues)
    return read - {"greeting", "thanks"} or read


def _triage(encoder: Encoder, *, languages: Sequence[str] = ("en", "de", "fr", "es")) -> Triage:
    return triage_of(shipped_heads(encoder), languages=languages)


def triage_of(heads: Heads, *, languages: Sequence[str] = ("en", "de", "fr", "es")) -> Triage:
    """Make the ears of a brand in Britain."""
    return Triage(
        heads=heads,
        order_id_patterns=[r"#?[A-Z]-?\d{5,7}", r"\d{4}-\d{4}"],
        languages=list(languages),
        currency="GBP",
    )


def _auroc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """How often something known scores higher than something unknown; a tie is half a win."""
    low = np.sort(np.array(unknown))
    above: NDArray[np.int64] = np.searchsorted(low, known, side="left")
    upto: NDArray[np.int64] = np.searchsorted(low, known, side="right")
    return float((above + upto).mean() / 2 / len(low))


def _measure_cost(kind: str) -> None:
    settings = load(
        "brand: {name: Bench, currency: GBP, languages: [en, de, fr, es]}\n"
        f"model: {{encoder: {kind}}}",
        env={},
    )
    apart = _Watched()
    triage = (
        Learning(settings.brand.languages, english=kind == "english", apart=apart)
        .learn(settings, ())
        .triage
    )
    apart.close()
    text = (_ROOT / "tests" / "brain" / "messages.yaml").read_text(encoding="utf-8")
    lists = YAML(typ="safe", pure=True).load(text)
    messages = [row[0] for row in [*lists["messages"], *lists["later"]]] + list(lists["seed"])
    random.Random(1).shuffle(messages)  # noqa: S311 - a fixed order, not a secret
    taken = []
    for message in messages * 5:
        before = perf_counter()
        triage.understand(message, now=_NOW, timezone=_ZONE)
        taken.append((perf_counter() - before) * 1e3)
    cuts = statistics.quantiles(taken, n=100)
    # Not ru_maxrss of oneself: a process inherits what its parent held when it was started.
    figures = {
        "p50": cuts[49],
        "p99": cuts[98],
        "peak": _memory("status", "VmHWM"),
        "private": _memory("status", "RssAnon"),
        "pss": _memory("smaps_rollup", "Pss"),
        "child": apart.child,
        "together": max(apart.together, _memory("status", "VmHWM")),
    }
    sys.stdout.write(json.dumps(figures))


class _Watched(Apart):
    """Runs children, and notes what they and this process can have held at once at most."""

    child = together = 0.0

    @override
    def run(self) -> bool:
        done = super().run()
        self.child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        self.together = _memory("status", "VmHWM") + self.child
        return done


def _memory(page: str, name: str) -> float:
    """Read a figure of this process from the system, in MiB."""
    for line in Path(f"/proc/self/{page}").read_text("ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


# --- the command


def main() -> None:
    """Measure what was asked for and print the table."""
    asked = _arguments()
    if asked.measure_cost:
        _measure_cost(asked.encoder)
        return
    cache = user_cache_path("socialcare") / "bench"
    cache.mkdir(parents=True, exist_ok=True)
    if not asked.data.is_dir():
        _say(
            f"no data sets at {asked.data}: name their folder with --data or SOCIALCARE_BENCH_DATA"
        )
    encoder = Remembering(encoder_of(asked.encoder), cache)
    _say(f"encoder {encoder.name}, Python {platform.python_version()}, {os.cpu_count()} cores")
    state = _state_of_code()
    for name in asked.only or _PARTS:
        kept = cache / f"{name}-{asked.encoder}-{state}.json"
        try:
            rows = None if asked.fresh or name == "cost" else _kept(kept)
            rows = rows or _PARTS[name](asked.data, encoder)
        except FileNotFoundError as missing:
            _say(f"  {name}: left out, there is no {missing.filename or missing}")
            continue
        kept.write_text(json.dumps([[r.what, r.value, r.goal, r.at_most] for r in rows]), "utf-8")
        for row in rows:
            bound = f"{'<=' if row.at_most else '>='} {row.goal:g}"
            _say(f"  {row.what:<46} {row.value:8.3f}  {bound:<9} {'MISSED' if row.missed else ''}")
        encoder.keep()
    for name in everything.SETS if asked.errors else ():
        if name in (asked.only or _PARTS):
            _say(f"\nwhat was misheard of {name}")
            for line in everything.mistakes(
                everything.read(everything.listen(name, asked.encoder))
            ):
                _say(line)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    folder = os.environ.get("SOCIALCARE_BENCH_DATA", str(_ROOT / ".." / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(folder))
    parser.add_argument("--encoder", choices=("multilingual", "english"), default="multilingual")
    parser.add_argument("--only", nargs="*", choices=list(_PARTS))
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument(
        "--errors", action="store_true", help="what was misheard of `whole`, `fresh` and `crowd`"
    )
    parser.add_argument("--measure-cost", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def encoder_of(kind: str) -> Encoder:
    """Load one of the encoders that the product knows."""
    multilingual = UseEncoder()
    return JoinedEncoder(multilingual, EnglishEncoder()) if kind == "english" else multilingual


def _kind(encoder: Encoder) -> str:
    return "english" if "+" in encoder.name else "multilingual"


def _state_of_code() -> str:
    """Name the code that is measured: another line of it is another measurement."""
    digest = hashlib.sha256(version("numpy").encode())
    folders = (_ROOT / "brain", _ROOT / "bench")
    for file in sorted(each for folder in folders for each in folder.rglob("*.*")):
        if file.suffix in {".py", ".yaml"}:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _kept(file: Path) -> list[Figure] | None:
    if not file.is_file():
        return None
    rows = json.loads(file.read_text("utf-8"))
    return [Figure(what=w, value=v, goal=g, at_most=bool(a)) for w, v, g, a in rows]


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{line:<60}\r")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
