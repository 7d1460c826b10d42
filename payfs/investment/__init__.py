"""Who gets the money: a statement's payments poured through the capital stack, and what each holder earns."""

from payfs.investment.fed import cash_of, invest, invest_statement
from payfs.investment.made import ALL, Investment, Provider, Return

__all__ = ["ALL", "Investment", "Provider", "Return", "cash_of", "invest", "invest_statement"]
