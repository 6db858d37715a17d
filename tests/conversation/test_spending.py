"""What was spent in a day: never more than a budget, by however many processes, whoever dies."""

import asyncio
from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from conversation.care import Care
from conversation.postgres import PostgresStore
from conversation.spending import Budget, Spend, Spent, judge_spend
from conversation.store import Store
from tests.conversation.store_world import NOW, OpenStore, killed

DAY, NEXT = date(2026, 11, 20), date(2026, 11, 21)
X = Budget(scope="x:1", limit_micros=40_000)
ALL = Budget(scope="model:day", limit_micros=100)


def spend(micros: int, *budgets: Budget, day: date = DAY, need: int | None = None) -> Spend:
    need = max(0, micros) if need is None else need
    return Spend(day=day, micros=micros, budgets=budgets or (X,), need=need)


# --- judged


budgets = st.builds(Budget, scope=st.sampled_from("abc"), limit_micros=st.integers(0, 50))
wishes = st.builds(
    Spend,
    day=st.sampled_from([DAY, NEXT]),
    micros=st.integers(0, 30),
    budgets=st.lists(budgets, max_size=3, unique_by=lambda one: one.scope).map(tuple),
    need=st.just(0),
).map(lambda one: Spend(day=one.day, micros=one.micros, budgets=one.budgets, need=one.micros))


@given(st.lists(wishes, max_size=40))
def test_no_budget_is_ever_passed_and_a_wish_holds_whole_or_not_at_all(asked: list[Spend]) -> None:
    counted: dict[tuple[str, date], int] = {}
    true: Counter[tuple[str, date]] = Counter()
    for one in asked:
        told = judge_spend(one, counted)
        if told.full is None:
            true.update({(each.scope, one.day): one.micros for each in one.budgets})
            assert one.micros == 0 or all(
                true[each.scope, one.day] <= each.limit_micros for each in one.budgets
            )
        assert told.micros == tuple(true[each.scope, one.day] for each in one.budgets)


def test_what_is_given_back_is_never_more_than_was_taken() -> None:
    counted = {("x:1", DAY): 10}
    assert judge_spend(spend(-15), counted) == Spent(full=None, micros=(0,))


# --- kept


async def test_it_is_counted_by_day_and_budget(store: Store) -> None:
    assert await store.spend(spend(25_000)) == Spent(full=None, micros=(25_000,))
    assert await store.spend(spend(15_001)) == Spent(full="x:1", micros=(25_000,))
    assert await store.spend(spend(15_000, X, ALL, need=1)) == Spent(
        full=None, micros=(40_000, 15_000)
    )
    assert await store.spend(spend(1, ALL, X)) == Spent(full="model:day", micros=(15_000, 40_000))
    assert await store.spend(spend(-5_000)) == Spent(full=None, micros=(35_000,))
    assert await store.spend(spend(40_000, day=NEXT)) == Spent(full=None, micros=(40_000,))
    assert await store.spend(spend(0)) == Spent(full=None, micros=(35_000,))
    assert await store.spend(Spend(day=DAY, micros=5, budgets=(), need=5)) == Spent(
        full=None, micros=()
    )


async def test_a_restart_goes_on_counting(open_store: OpenStore) -> None:
    store = await open_store()
    await store.spend(spend(30_000))
    await store.close()
    store = await open_store()
    assert (await store.spend(spend(15_000))).full == "x:1"
    assert (await store.spend(spend(10_000))).full is None


async def test_tokens_are_counted_beside_money_and_both_or_neither(store: Store) -> None:
    def tokens(count: int) -> Budget:
        return Budget(scope="model:tokens:day:", limit_micros=2_000, tokens=count)

    assert (await store.spend(spend(70, ALL, tokens(1_500), need=1))).micros == (70, 1_500)
    assert (await store.spend(spend(10, ALL, tokens(900), need=1))).micros == (80, 2_400)
    full = await store.spend(spend(10, ALL, tokens(1), need=1))
    assert full == Spent(full="model:tokens:day:", micros=(80, 2_400))
    assert (await store.spend(spend(-5, ALL, tokens(-2_000), need=0))).micros == (75, 400)


async def test_what_was_set_aside_by_who_was_killed_is_counted(
    open_store: OpenStore, place: str
) -> None:
    store = await open_store()
    await store.close()
    await killed(place, "store.spend(Spend(day=NOW.date(), micros=30_000, need=1, budgets=("
                        "Budget(scope='x:1', limit_micros=40_000),)))")  # fmt: skip
    store = await open_store()
    assert await store.spend(spend(0)) == Spent(full=None, micros=(30_000,))


async def test_many_at_once_spend_no_more_than_there_is(store: Store) -> None:
    told = await asyncio.gather(*(store.spend(spend(7, ALL, X)) for _ in range(60)))
    assert sum(one.full is None for one in told) == 14
    assert (await store.spend(spend(0, ALL))).micros == (98,)


async def test_two_processes_spend_no_more_than_there_is(
    one: PostgresStore, two: PostgresStore
) -> None:
    both = [process.spend(spend(7, *pair)) for _ in range(40) for process, pair in (
        (one, (ALL, X)), (two, (X, ALL))
    )]  # fmt: skip
    told = await asyncio.gather(*both)
    assert sum(each.full is None for each in told) == 14
    assert (await two.spend(spend(0, ALL))).micros == (98,)


async def test_old_days_are_dropped(store: Store, care: Care) -> None:
    for days in range(5):
        await store.spend(spend(10, day=NOW.date() - timedelta(days=days)))
    async with care.writing() as session:
        await session.all("spend_old", (NOW.date() - timedelta(days=2)).isoformat())
    left = [(await store.spend(spend(0, day=NOW.date() - timedelta(days=n)))).micros[0]
            for n in range(5)]  # fmt: skip
    assert left == [10, 10, 10, 0, 0]
