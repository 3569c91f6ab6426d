"""Units of measurement: how people write them, and which of them measure the same thing."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What is measured → the unit as it is shown → how else it is written. Forms of one letter count as they stand, longer
# ones in capitals and small letters alike.
_WRITTEN = {
    "length": {
        "mm": "millimeter,millimeters,millimetre,millimetres",
        "cm": "centimeter,centimeters,centimetre,centimetres,cms",
        "dm": "",
        "m": "meter,meters,metre,metres,mtr,mtrs",
        "km": "kilometer,kilometers,kilometre,kilometres,kms",
        "inch": 'in,inches,ins,",″',
        "foot": "ft,feet,',′",
        "yard": "yd,yds,yards",
        "mile": "mi,miles",
        "px": "pixel,pixels",
    },
    "mass": {
        "mg": "milligram,milligrams",
        "µg": "μg,ug,mcg",
        "g": "gram,grams,gramm,gr,gm,gms",
        "kg": "kgs,kilo,kilos,kilogram,kilograms,kilogramm",
        "t": "ton,tons,tonne,tonnes",
        "lb": "lbs,pound,pounds",
        "oz": "ounce,ounces",
        "stone": "",
    },
    "area": {
        "mm2": "sq mm",
        "cm2": "sq cm",
        "m2": "sqm,sq m,sq.m,qm,square meters,square metres,square meter,square metre",
        "km2": "sq km,sqkm,square kilometers,square kilometres",
        "ha": "hectare,hectares",
        "ft2": "sqft,sq ft,sq.ft,sq. ft,square feet,square foot",
        "acre": "acres",
    },
    "volume": {
        "ml": "millilitre,millilitres,milliliter,milliliters",
        "cl": "",
        "dl": "",
        "l": "L,litre,litres,liter,liters,ltr",
        "hl": "",
        "cc": "ccm",
        "cm3": "",
        "m3": "cbm,cubic meters,cubic metres",
        "ft3": "cu ft",
        "gallon": "gal,gallons",
        "bbl": "barrel,barrels",
    },
    "time": {
        "ms": "msec,millisecond,milliseconds",
        "s": "sec,secs,second,seconds,sek",
        "minute": "min,mins,minutes",
        "hour": "h,hr,hrs,hours,std",
        "day": "d,days,tage",
        "week": "weeks,wk,wks",
        "month": "months,mo,mos,monate",
        "year": "y,years,yr,yrs,jahre,ans",
    },
    "temperature": {"°C": "celsius,degc,deg c,degrees celsius", "°F": "fahrenheit,degf,deg f", "K": "kelvin"},
    "speed": {"km/h": "kmh,kph,kmph", "mph": "", "m/s": "mps", "knot": "knots,kn,kt,kts"},
    "angle": {"°": "deg,degree,degrees", "rad": "radian,radians"},
    "power": {"W": "watt,watts", "kW": "", "MW": "", "hp": "bhp,PS,horsepower"},
    "energy": {"J": "", "kJ": "", "MJ": "", "Wh": "", "kWh": "", "MWh": "", "GWh": "", "cal": "", "kcal": ""},
    "pressure": {"Pa": "", "hPa": "", "kPa": "", "bar": "", "mbar": "", "psi": "", "mmHg": "", "atm": ""},
    "voltage": {"V": "volt,volts", "mV": "", "kV": ""},
    "current": {"A": "amp,amps,ampere", "mA": ""},
    "frequency": {"Hz": "", "kHz": "", "MHz": "", "GHz": "", "rpm": "", "bpm": ""},
    "data": {"kB": "KB", "MB": "", "GB": "", "TB": "", "byte": "bytes", "bit": "bits", "Mbps": "mbit/s"},
    "share": {"%": "percent,pct,per cent,prozent", "‰": "", "ppm": "", "ppb": ""},
    "fuel": {"mpg": "", "kmpl": "km/l", "km/kg": "", "l/100km": "l/100 km"},
    "torque": {"Nm": ""},
    "amount": {"mol": "", "mmol": "", "µmol": "μmol,umol", "IU": ""},
    "loudness": {"dB": "dba,db(a)"},
    "money": {
        "€": "EUR,euro,euros",
        "$": "USD,us$,dollar,dollars,usd$",
        "£": "GBP",
        "CHF": "sfr,sfr.,fr.,fr",
        "₹": "INR,rs,rupees,rupee",
        "¥": "JPY,CNY,RMB,yen,yuan,元,円",
        "₩": "KRW",
        "₽": "RUB,руб",
        "zł": "PLN",
        "Kč": "CZK",
        "kr": "SEK,NOK,DKK",
        "R$": "BRL",
        "A$": "AUD",
        "C$": "CAD,ca$",
        "HK$": "HKD",
        "S$": "SGD",
        "NZ$": "NZD",
        "MX$": "MXN",
        "₺": "TRY",
        "₪": "ILS",
        "R": "ZAR",
        "Ft": "HUF",
        "฿": "THB",
        "₫": "VND",
        "₱": "PHP",
        "₦": "NGN",
        "₴": "UAH",
        "ct": "cent,cents,¢",
    },
}


@dataclass(frozen=True)
class Unit:
    """A unit.

    Attributes
    ----------
    name : str
        As it is shown: one of it, in short.
    measure : str
        What it measures, such as ``length``.
    """

    name: str
    measure: str


_AS_WRITTEN: dict[str, Unit] = {}
_FOLDED: dict[str, Unit] = {}
for _measure, _units in _WRITTEN.items():
    for _name, _others in _units.items():
        for _form in (_name, *filter(None, _others.split(","))):
            _AS_WRITTEN.setdefault(_form, Unit(_name, _measure))
            if len(_form) > 1:
                _FOLDED.setdefault(_form.casefold(), Unit(_name, _measure))
_POWERS = str.maketrans("²³", "23", "^")
_PARTS = re.compile(r"\s*(?:/|\bper\b)\s*")


def find_unit(text: str) -> Unit | None:
    """Return the unit that a text writes, ``None`` if it writes none that is known.

    Examples
    --------
    >>> find_unit("sq. ft"), find_unit("EUR/m²"), find_unit("optional")
    (Unit(name='ft2', measure='area'), Unit(name='€/m2', measure='money/area'), None)
    """
    text = " ".join(text.translate(_POWERS).split())
    short = text.rstrip(".")
    for form in (text, short):
        found = _AS_WRITTEN.get(form) or _FOLDED.get(form.casefold() if len(form) > 1 else "")
        if found is not None:
            return found
    parts = _PARTS.split(short)
    if len(parts) != 2 or not all(parts):
        return None
    above, below = map(find_unit, parts)
    if above is None or below is None:
        return None
    return Unit(f"{above.name}/{below.name}", f"{above.measure}/{below.measure}")
