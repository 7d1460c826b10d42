"""Simulations that run in the background, each in a folder of its own, so that whoever asked can go away and come back.

    runs = Runs(folder)
    number = runs.start("ann@city.gov", Asked("simulate", (Side(scenario_text, contract_text),)))
    runs.look("ann@city.gov", number)       # waiting, running with the share that is done, done, refused, stopped, lost
    simulated(runs.asked("ann@city.gov", number), runs.result("ann@city.gov", number))      # once it is done

The work is done by processes that are kept ready (:mod:`payfs.runs.worker`), so that a run begins at once. They end
with the process that started them, whatever ends it. All that is known of a run is on the disk, so that it outlives
them; a run that died with its process is told as lost.
"""

from payfs.runs.asked import MOST_PATHS, Asked, Kind, Side, scenario_in
from payfs.runs.book import Runs
from payfs.runs.state import State
from payfs.runs.work import Analysed, Simulated, analysed, comparison, simulated

__all__ = [
    "MOST_PATHS",
    "Analysed",
    "Asked",
    "Kind",
    "Runs",
    "Side",
    "Simulated",
    "State",
    "analysed",
    "comparison",
    "scenario_in",
    "simulated",
]
