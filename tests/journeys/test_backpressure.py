from tests.journeys.house import HOURS, OPEN, House, hears, update


async def test_above_the_bound_platforms_are_put_off_and_nothing_is_lost(house: House) -> None:
    """F34: 503 with Retry-After instead of growing; what was put off comes again."""
    service = house.service
    assert service is not None
    ana = house.customer()
    await ana.write("hello")
    await ana.sees(lambda _: True)
    assert service.backlog is not None
    service.backlog.closed = True
    service._workers["backlog"].cancel()
    answer = await house.world.telegram.post_raw(update(ana, HOURS, update_id=99))
    assert answer.status == 503
    assert await house.figure("rejected_total", channel="telegram", why="backlog") == 1
    service.backlog.closed = False
    answer = await house.world.telegram.post_raw(update(ana, HOURS, update_id=99))
    assert answer.status == 200
    await hears(ana, OPEN)
