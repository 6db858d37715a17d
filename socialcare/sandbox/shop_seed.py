"""The orders of the pretend Northwind Outfitters: one for each story worth telling."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing in an order; `amount` is for the whole line, in minor units."""

    id: str
    sku: str
    title: str
    amount: int
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Money taken, in minor units of the order's currency."""

    id: str
    amount: int
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """Where a parcel is."""

    carrier: str
    number: str
    expected: str
    """An ISO date."""

    @property
    def url(self) -> str:
        """The carrier's page about it."""
        return f"https://northwind.example/track/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as the shop holds it."""

    id: str
    customer_id: str
    email: str
    postcode: str
    status: str
    placed: datetime
    lines: tuple[Line, ...]
    charges: tuple[Charge, ...]
    currency: str = "GBP"
    tracking: Tracking | None = None


def _charges(order: str, placed: datetime, amount: int, *, times: int = 1) -> tuple[Charge, ...]:
    return tuple(
        Charge(
            id=f"ch_{order[2:]}_{number}",
            amount=amount,
            created=placed + timedelta(minutes=1 + 2 * (number - 1)),
        )
        for number in range(1, times + 1)
    )


def renumbered(order: Order, number: str, *, email: str) -> Order:
    """Give the same order under another number and address, with lines and charges of its own."""
    mark = number.replace("-", "").lower()
    return replace(
        order,
        id=number,
        email=email,
        customer_id=f"{order.customer_id}_{mark}",
        lines=tuple(
            replace(line, id=f"{number}-{place}") for place, line in enumerate(order.lines, 1)
        ),
        charges=tuple(
            replace(charge, id=f"ch_{mark}_{place}")
            for place, charge in enumerate(order.charges, 1)
        ),
    )


def seed_orders(now: datetime) -> tuple[Order, ...]:
    """Give the orders as they stand at `now`."""

    def ago(days: int) -> datetime:
        return now.replace(microsecond=0) - timedelta(days=days, hours=3)

    def on(days: int) -> str:
        return (now + timedelta(days=days)).date().isoformat()

    return (
        # Charged twice, two minutes apart; an enamel mug can arrive chipped.
        Order(
            id="A-10293",
            customer_id="cus_ana",
            email="ana@northwind.example",
            postcode="SW1A 1AA",
            status="delivered",
            placed=ago(6),
            lines=(
                Line(
                    id="A-10293-1",
                    sku="MUG-ENAMEL-BLU",
                    title="Enamel mug, blue, set of two",
                    quantity=1,
                    amount=2490,
                ),
            ),
            charges=_charges("A-10293", ago(6), 2490, times=2),
            tracking=Tracking(carrier="Royal Mail", number="RM102930001GB", expected=on(-3)),
        ),
        # Charged once, whatever its owner thinks.
        Order(
            id="A-10417",
            customer_id="cus_ben",
            email="ben@northwind.example",
            postcode="M1 1AE",
            status="delivered",
            placed=ago(9),
            lines=(Line(id="A-10417-1", sku="CAP-WOOL-GRY", title="Wool cap, grey", amount=3450),),
            charges=_charges("A-10417", ago(9), 3450),
            tracking=Tracking(carrier="Royal Mail", number="RM104170001GB", expected=on(-5)),
        ),
        # More than the bot may refund alone.
        Order(
            id="A-10502",
            customer_id="cus_chloe",
            email="chloe@northwind.example",
            postcode="EH1 1YZ",
            status="delivered",
            placed=ago(12),
            lines=(
                Line(id="A-10502-1", sku="JKT-RAIN-M", title="Rain jacket, size M", amount=18000),
            ),
            charges=_charges("A-10502", ago(12), 18000),
            tracking=Tracking(carrier="DPD", number="DPD105020001", expected=on(-9)),
        ),
        # On its way.
        Order(
            id="A-10611",
            customer_id="cus_dev",
            email="dev@northwind.example",
            postcode="LS1 4AP",
            status="shipped",
            placed=ago(3),
            lines=(
                Line(id="A-10611-1", sku="BOOT-TRAIL-43", title="Trail boots, 43", amount=11900),
            ),
            charges=_charges("A-10611", ago(3), 11900),
            tracking=Tracking(carrier="DPD", number="DPD106110001", expected=on(1)),
        ),
        # Arrived, nothing wrong.
        Order(
            id="A-10388",
            customer_id="cus_ella",
            email="ella@northwind.example",
            postcode="BS1 5TR",
            status="delivered",
            placed=ago(8),
            lines=(Line(id="A-10388-1", sku="LAMP-CAMP", title="Camping lamp", amount=4200),),
            charges=_charges("A-10388", ago(8), 4200),
            tracking=Tracking(carrier="Royal Mail", number="RM103880001GB", expected=on(-4)),
        ),
        # Above what anybody at the desk may sign.
        Order(
            id="A-10777",
            customer_id="cus_finn",
            email="finn@northwind.example",
            postcode="G1 1XQ",
            status="delivered",
            placed=ago(15),
            lines=(Line(id="A-10777-1", sku="TENT-4P", title="Expedition tent", amount=64000),),
            charges=_charges("A-10777", ago(15), 64000),
            tracking=Tracking(carrier="DPD", number="DPD107770001", expected=on(-11)),
        ),
        # Two lines: only one of them may be broken.
        Order(
            id="A-10845",
            customer_id="cus_grace",
            email="grace@northwind.example",
            postcode="CF10 1EP",
            status="delivered",
            placed=ago(5),
            lines=(
                Line(
                    id="A-10845-1",
                    sku="FLASK-1L",
                    title="Vacuum flask, 1 litre",
                    quantity=2,
                    amount=5600,
                ),
                Line(id="A-10845-2", sku="SOCK-MER-L", title="Merino socks, L", amount=1800),
            ),
            charges=_charges("A-10845", ago(5), 7400),
            tracking=Tracking(carrier="Royal Mail", number="RM108450001GB", expected=on(-2)),
        ),
        # Charged twice, and each charge is above what the bot may refund alone.
        Order(
            id="A-10930",
            customer_id="cus_hana",
            email="hana@northwind.example",
            postcode="BT1 5GS",
            status="processing",
            placed=ago(1),
            lines=(Line(id="A-10930-1", sku="PACK-40L", title="Rucksack, 40 litres", amount=7900),),
            charges=_charges("A-10930", ago(1), 7900, times=2),
        ),
        # Paid in another currency.
        Order(
            id="A-10955",
            customer_id="cus_ida",
            email="ida@northwind.example",
            postcode="10115",
            status="delivered",
            placed=ago(7),
            lines=(Line(id="A-10955-1", sku="MAP-ALPS", title="Hiking map, Alps", amount=2900),),
            charges=_charges("A-10955", ago(7), 2900, times=2),
            currency="EUR",
            tracking=Tracking(carrier="DHL", number="DHL109550001", expected=on(-2)),
        ),
    )
