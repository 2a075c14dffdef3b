"""The standard VAT rates of the European Union in force on 1 November 2026: what a new installation starts with.

Source: European Commission, 'VAT rates applied in the Member States of the European Union' (dates up to 2021) and its
Taxes in Europe Database (dates since). Each country stands with the day since which its rate has been in force. Rates
are rows that the desk can enter (rules 1); this table is never read to price an order.
"""

from datetime import date

from .tax import TaxRule

_IN_FORCE = """
    AT 2000 1984-01-01
    BE 2100 1996-01-01
    BG 2000 1999-01-01
    CY 1900 2014-01-13
    CZ 2100 2013-01-01
    DE 1900 2021-01-01
    DK 2500 1992-01-01
    EE 2400 2025-07-01
    ES 2100 2012-09-01
    FI 2550 2024-09-01
    FR 2000 2014-01-01
    GR 2400 2016-06-01
    HR 2500 2012-03-01
    HU 2700 2012-01-01
    IE 2300 2021-03-01
    IT 2200 2013-10-01
    LT 2100 2009-09-01
    LU 1700 2024-01-01
    LV 2100 2012-07-01
    MT 1800 2004-01-01
    NL 2100 2012-10-01
    PL 2300 2011-01-01
    PT 2300 2011-01-01
    RO 2100 2025-08-01
    SE 2500 1990-07-01
    SI 2200 2013-07-01
    SK 2300 2025-01-01
"""

EU_STANDARD_RATES = tuple(
    TaxRule(country, int(basis_points), date.fromisoformat(since))
    for country, basis_points, since in (line.split() for line in _IN_FORCE.strip().splitlines())
)
