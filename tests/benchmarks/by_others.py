"""The common work of the simulation's benchmark on two other tools, as their own documentation would have it.

monaco (MIT) calls a function for each case; squigglepy (MIT) draws each sample of a function by itself. Both get the
cheaper form of the work, with each year's days as one normal number. They are installed by ``pip install ".[bench]"``.
"""

from __future__ import annotations

from typing import Any

from by_hand import DAYS, INVESTED, MOST, PEOPLE, PRICE, SUCCESSES, YEARS

MEAN = PEOPLE * DAYS * SUCCESSES / (SUCCESSES + 1)
SD = DAYS * (PEOPLE * SUCCESSES / ((SUCCESSES + 1) ** 2 * (SUCCESSES + 2))) ** 0.5


def outcome(days: list[float], fall: float) -> tuple[float, float]:
    """Return the total payment and the IRR of one path."""
    paid, total = [], 0.0
    for year, housed in enumerate(days):
        amount = PRICE * housed + (jail(fall) if year == len(days) - 1 else 0)
        amount = min(amount, MOST - total)
        total += amount
        paid.append(amount)
    v = 0.95
    for _ in range(50):
        value = sum(amount * v ** (year + 1) for year, amount in enumerate(paid)) - INVESTED
        step = value / sum((year + 1) * amount * v**year for year, amount in enumerate(paid))
        v -= step
        if abs(step) < 1e-10:
            break
    return total, 1 / v - 1


def jail(fall: float) -> float:
    """Return what Denver's table pays for a fall in jail days [percentage points]."""
    if fall < 20:
        return 0
    if fall < 30:
        return 160_000 * fall
    return 4_800_000 + 38_000 * (fall - 30) if fall < 65 else 6_130_000


def by_monaco(paths: int, seed: int) -> list[Any]:
    """Run the cases of monaco in one process, and return the totals."""
    import monaco
    from scipy.stats import norm

    def preprocess(case: Any) -> tuple[list[float], float]:
        return [case.invals[f"days {year}"].val for year in range(YEARS)], case.invals["fall"].val

    def postprocess(case: Any, total: float, rate: float) -> None:
        case.addOutVal("total", total)
        case.addOutVal("IRR", rate)

    functions = {
        monaco.SimFunctions.PREPROCESS: preprocess,
        monaco.SimFunctions.RUN: outcome,
        monaco.SimFunctions.POSTPROCESS: postprocess,
    }
    sim = monaco.Sim("denver-like", paths, functions, seed=seed, singlethreaded=True, verbose=False)
    for year in range(YEARS):
        sim.addInVar(f"days {year}", dist=norm, distkwargs={"loc": MEAN, "scale": SD})
    sim.addInVar("fall", dist=norm, distkwargs={"loc": 30, "scale": 12})
    sim.runSim()
    return list(sim.outvars["total"].nums)


def by_squigglepy(paths: int, seed: int) -> list[Any]:
    """Sample a function with squigglepy, and return the outcomes."""
    import squigglepy

    squigglepy.set_seed(seed)
    housed, fall = squigglepy.norm(mean=MEAN, sd=SD), squigglepy.norm(mean=30, sd=12)

    def model() -> float:
        total, _ = outcome([float(~housed) for _ in range(YEARS)], float(~fall))
        return total

    return list(squigglepy.sample(model, n=paths))
