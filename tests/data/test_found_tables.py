"""Small tables in the manner of those people have, each with the right reading of every column, or the line that asks.

Numbers are expected as numbers, words as text, missing cells as ``None``, dates as ISO dates with the unit they are
counted in; a text alone is the beginning of what the refusal says behind the file's name.
"""

import gzip

import numpy as np
import pytest

from groundup.base.errors import UserError
from groundup.data.tables.evidence import DATES, EMPTY, NUMBERS, UNCLEAR, WORDS
from groundup.data.tables.surveys import Said, Survey
from groundup.data.tables.table import open_table, read_numbers, read_words


def read(path, **said):
    """Return what every column of a small table holds: its cells as they are understood."""
    table = open_table(path)
    chunks = list(table.read(table.names, False))
    survey = Survey(table, Said(**said), False)
    survey.begin(chunks[0])
    found = survey.finish(table.names)
    columns = {}
    for name, finding in found.items():
        if finding.kind in (EMPTY, UNCLEAR):
            columns[name] = finding.kind
            continue
        cells = []
        for chunk in chunks:
            if finding.kind == WORDS:
                codes, words = read_words(chunk, name)
                cells += [None if code < 0 else words[code] for code in codes]
                continue
            values, missing, bad = read_numbers(chunk, name, finding.reading)
            assert not bad.any(), (name, chunk.rows[bad])
            assert finding.kind == (DATES if hasattr(finding.reading, "origin") else NUMBERS)
            write = finding.reading.write if finding.kind == DATES else float
            cells += [None if lost else write(value) for value, lost in zip(values, missing, strict=True)]
        columns[name] = cells
        if finding.kind == DATES:
            columns[name] = [finding.reading.unit, *cells]
    return columns


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("sold,y\n01/02/2015,3\n03/04/2015,5\n", r"can be .*, and no other cell .*\. Write dates like 2015-01-31\.$"),
        ("a;y\n1.234;3\n2.500;5\n", r"can be 1234 or 1\.234, .*\. Write numbers like 1234\.5\.$"),
    ],
)
def test_where_nothing_can_be_set_no_setting_is_advised(tmp_path, content, told):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=told) as error:
        read(path, settable=False)
    assert "--set" not in str(error.value)
    with pytest.raises(UserError, match="--set d"):
        read(path)


M, N = "\u2212", "\u00a0"
FOUND = {
    # Spreadsheets of several countries
    "German Excel": (
        "Fläche;Zimmer;Ort;Preis\r\n85,5;3;Köln;1.250,00\r\n120;4;Bonn;2.100,50\r\n60,25;2;Köln;890\r\n",
        {
            "Fläche": [85.5, 120, 60.25],
            "Zimmer": [3, 4, 2],
            "Ort": ["Köln", "Bonn", "Köln"],
            "Preis": [1250, 2100.5, 890],
        },
    ),
    "German Excel, thousands without decimals": (
        "Stadt;Einwohner;Anteil\nKöln;1.085.664;0,5\nBonn;327.258;1,25\nHürth;60.189;2\n",
        {"Stadt": ["Köln", "Bonn", "Hürth"], "Einwohner": [1085664, 327258, 60189], "Anteil": [0.5, 1.25, 2]},
    ),
    "German, one column tells of the other": (
        "a;b\n1.234;0,5\n2.500;1,5\n3.125;2,5\n",
        {"a": [1234, 2500, 3125], "b": [0.5, 1.5, 2.5]},
    ),
    "semicolons and points, one column tells of the other": (
        "a;b\n1.234;0.5\n2.500;1.5\n3.125;2.5\n",
        {"a": [1.234, 2.5, 3.125], "b": [0.5, 1.5, 2.5]},
    ),
    "semicolons and nothing that tells": (
        "a;b\n1.234;5\n2.500;15\n3.125;25\n",
        ', row 2, column "a": "1.234" can be 1234',
    ),
    "decimal commas in a file with commas": (
        'a,b\n"1,5",x\n"2,25",y\n"1.234,5",x\n',
        {"a": [1.5, 2.25, 1234.5], "b": ["x", "y", "x"]},
    ),
    "French Excel": (
        f"surface;prix;ville\n85,5;1{N}250,50{N}€;Lyon\n120;2{N}100,00{N}€;Nice\n60,25;890,00{N}€;Lyon\n",
        {"surface": [85.5, 120, 60.25], "prix": [1250.5, 2100, 890], "ville": ["Lyon", "Nice", "Lyon"]},
    ),
    "French, narrow spaces": (
        "a;b\n1\u202f250,5;1\n12\u202f100;2\n890,25;3\n",
        {"a": [1250.5, 12100, 890.25], "b": [1, 2, 3]},
    ),
    "Swiss": (
        "Miete;Zimmer\nCHF 1'250.50;3.5\nCHF 2’100.00;4\nCHF 890.—;2\n".replace(".—", ".00"),
        {"Miete": [1250.5, 2100, 890], "Zimmer": [3.5, 4, 2]},
    ),
    "Indian": (
        'price,city\n"Rs. 12,50,000",Pune\n"Rs. 1,05,00,000.50",Delhi\n"Rs. 85,000",Pune\n',
        {"price": [1250000, 10500000.5, 85000], "city": ["Pune", "Delhi", "Pune"]},
    ),
    "Brazilian": (
        "preço;área\nR$ 1.250,00;85,5\nR$ 900,50;60\n-R$ 3,00;1\n",
        {"preço": [1250, 900.5, -3], "área": [85.5, 60, 1]},
    ),
    "Polish": (
        "cena\trok\n1 250,50 zł\t2001\n900,00 zł\t2005\n12 000,00 zł\t2011\n",
        {"cena": [1250.5, 900, 12000], "rok": [2001, 2005, 2011]},
    ),
    "Japanese": (
        '価格,面積\n"¥1,200,000",45㎡\n"¥980,000",30㎡\n'.replace("㎡", "m²"),
        {"価格": [1200000, 980000], "面積": [45, 30]},
    ),
    "Excel's sep line": ("sep=;\na;b\n1,5;2\n2,5;3\n", {"a": [1.5, 2.5], "b": [2, 3]}),
    "Excel's Unicode text": ("a\tb\n1\t2,5\n2\t3,5\n".encode("utf-16"), {"a": [1, 2], "b": [2.5, 3.5]}),
    "UTF-16, the other end first": (
        b"\xfe\xff" + "a;b\n1;x\n2;y\n".encode("utf-16-be"),
        {"a": [1, 2], "b": ["x", "y"]},
    ),
    "Excel's errors": (
        "a,b\n1,#N/A\n2,3.5\n#DIV/0!,4\n4,#VALUE!\n",
        {"a": [1, 2, None, 4], "b": [None, 3.5, 4, None]},
    ),
    "a title and an empty line": (
        "Sales by region\n\nregion,units,price\nnorth,3,1.5\nsouth,4,2.5\n",
        {"region": ["north", "south"], "units": [3, 4], "price": [1.5, 2.5]},
    ),
    "a title with delimiters behind it": (
        "Sales by region,,\n,,\nregion,units,price\nnorth,3,1.5\nsouth,4,2.5\n",
        {"region": ["north", "south"], "units": [3, 4], "price": [1.5, 2.5]},
    ),
    "World Bank": (
        '\ufeff"Data Source","World Development Indicators",\n\n"Last Updated Date","2020-07-01",\n\n'
        '"Country Name","Country Code","1960","1961","1962",\n"Aruba","ABW","1.5","2","2.5",\n'
        '"Chad","TCD","","6.25","6.5",\n',
        {
            "Country Name": ["Aruba", "Chad"],
            "Country Code": ["ABW", "TCD"],
            "1960": [1.5, None],
            "1961": [2, 6.25],
            "1962": [2.5, 6.5],
            "column 6": "empty",
        },
    ),
    "World Bank's two dots": ("a,b\n1,..\n2,3.5\n..,4\n", {"a": [1, 2, None], "b": [None, 3.5, 4]}),
    "a name over two lines": ('"area\n(m2)","price\r\nin €"\n1,2\n3,4\n', {"area (m2)": [1, 3], "price in €": [2, 4]}),
    "cells over two lines": (
        'a,note,b\n1,"one\ntwo",3\n4,plain,6\n',
        {"a": [1, 4], "note": ["one two", "plain"], "b": [3, 6]},
    ),
    "inches in cells": ('size,price\n5" pipe,3\n12" pipe,4\n', {"size": ['5" pipe', '12" pipe'], "price": [3, 4]}),
    "quotes within quotes": ('a,b\n"say ""hi""",1\n"a, b",2\n', {"a": ['say "hi"', "a, b"], "b": [1, 2]}),
    # Programs
    "pandas with an index": (
        ",x,y\n0,1.5,2\n1,2.5,3\n2,,4\n",
        {"column 1": [0, 1, 2], "x": [1.5, 2.5, None], "y": [2, 3, 4]},
    ),
    "pandas without names": (
        ",0,1,2\n0,1.5,2,5\n1,2.5,3,6\n",
        {"column 1": [0, 1], "0": [1.5, 2.5], "1": [2, 3], "2": [5, 6]},
    ),
    "pandas' missing": (
        "a,b,c\nNaN,<NA>,NaT\n1.5,2,2015-01-31\nnan,3,2015-02-01\n",
        {"a": [None, 1.5, None], "b": [None, 2, 3], "c": ["day", None, "2015-01-31", "2015-02-01"]},
    ),
    "R's write.csv": (
        '"","mpg","gear"\n"Mazda RX4",21,"4"\n"Datsun 710",NA,"5"\n',
        {"column 1": ["Mazda RX4", "Datsun 710"], "mpg": [21, None], "gear": [4, 5]},
    ),
    "R's write.table": (
        '"mpg";"gear"\n"Mazda RX4";21,5;4\n"Datsun 710";22,8;5\n',
        {"column 1": ["Mazda RX4", "Datsun 710"], "mpg": [21.5, 22.8], "gear": [4, 5]},
    ),
    "NumPy's savetxt": ("# x, y\n1.5e+00,2.0e+00\n2.5e+00,3.0e+00\n", {"x": [1.5, 2.5], "y": [2, 3]}),
    "comments above": ("# made by hand, in 2015\n# units: m\nx,y\n1,2\n3,4\n", {"x": [1, 3], "y": [2, 4]}),
    "a name that begins with #": (
        "#,Name,HP\n1,Bulbasaur,45\n2,Ivysaur,60\n",
        {"#": [1, 2], "Name": ["Bulbasaur", "Ivysaur"], "HP": [45, 60]},
    ),
    "SPSS": (
        "id;sex;height\n1;1;170,5\n2;2;162\n3;1;\n4;2;  .\n",
        {"id": [1, 2, 3, 4], "sex": [1, 2, 1, 2], "height": [170.5, 162, None, None]},
    ),
    "SAS": ("a,b\n.,1\n2.5,.\n3.5,3\n", {"a": [None, 2.5, 3.5], "b": [1, None, 3]}),
    "SAP": ("Menge;Wert\n1.250,50-;3\n20,00;4\n3,25;5\n", {"Menge": [-1250.5, 20, 3.25], "Wert": [3, 4, 5]}),
    "Fortran": ("x,y\n1.2D+05,1\n-3.0D-01,2\n", {"x": [120000, -0.3], "y": [1, 2]}),
    "hexadecimal": ("x,y\n0x1F,1\n0xff,2\n", {"x": [31, 255], "y": [1, 2]}),
    "SQL": ("a|b|c\n1|\\N|x\n2|3.5|NULL\n", {"a": [1, 2], "b": [None, 3.5], "c": ["x", None]}),
    "a typeset minus": (f"t,y\n{M}5.5,1\n3,2\n{M}1,3\n", {"t": [-5.5, 3, -1], "y": [1, 2, 3]}),
    "accountants": (
        'profit,year\n"(1,200)",2001\n35,2002\n"$(3)",2003\n'.replace("$", ""),
        {"profit": [-1200, 35, -3], "year": [2001, 2002, 2003]},
    ),
    "a bank": (
        'balance,n\n"$1,200.50",1\n-$5.00,2\n"($1,000.00)",3\n',
        {"balance": [1200.5, -5, -1000], "n": [1, 2, 3]},
    ),
    "blanks around": ("a , b ,c\n 1 , x ,  2.5\n 2 , y , 3\n", {"a": [1, 2], "b": ["x", "y"], "c": [2.5, 3]}),
    "compressed": (gzip.compress(b"a,b\n1,x\n2,y\n"), {"a": [1, 2], "b": ["x", "y"]}),
    "Windows' line ends doubled": (b"a,b\r\r\n1,2\r\r\n3,4\r\r\n", {"a": [1, 3], "b": [2, 4]}),
    "a delimiter behind every row": ("a,b,\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4], "column 3": "empty"}),
    "a delimiter behind every row but the header": (
        "a,b\n1,2,\n3,4,\n",
        {"a": [1, 3], "b": [2, 4], "column 3": "empty"},
    ),
    "a delimiter behind the header alone": ("a,b,\n1,2\n3,4\n", {"a": [1, 3], "b": [2, 4]}),
    # Kaggle, UCI and open data
    "used cars": (
        "Mileage,Engine,Power,Price\n26.6 km/kg,998 CC,58.16 bhp,1.75\n"
        "19.67 km/kg,1582 CC,126.2 bhp,12.5\n18.2 km/kg,1199 CC,null bhp,4.5\n",
        {
            "Mileage": [26.6, 19.67, 18.2],
            "Engine": [998, 1582, 1199],
            "Power": [58.16, 126.2, None],
            "Price": [1.75, 12.5, 4.5],
        },
    ),
    "footballers": (
        "Value,Wage,Height,Weight\n€110.5M,€565K,5'7,159lbs\n€77M,€405K,6'2,183lbs\n€500K,€1K,5'9,150lbs\n",
        {
            "Value": [110500000, 77000000, 500000],
            "Wage": [565000, 405000, 1000],
            "Height": ["5'7", "6'2", "5'9"],
            "Weight": [159, 183, 150],
        },
    ),
    "apps": ("Size,Rating\n19M,4.1\n201k,3.9\n8.7M,4.7\n", {"Size": [19e6, 201e3, 8.7e6], "Rating": [4.1, 3.9, 4.7]}),
    "flats": (
        'area,rent\n"1,056 sq.ft",10\n850 sq.ft,8\n"2,100 sq.ft",21\n',
        {"area": [1056, 850, 2100], "rent": [10, 8, 21]},
    ),
    "bedrooms": (
        "size,price\n2 BHK,39\n4 Bedroom,120\n3 BHK,62\n",
        {"size": ["2 BHK", "4 Bedroom", "3 BHK"], "price": [39, 120, 62]},
    ),
    "loans": (
        "rate,term,amount\n10.65%,36 months,5000\n15.27%,60 months,2500\n7%,36 months,2400\n",
        {"rate": [10.65, 15.27, 7], "term": [36, 60, 36], "amount": [5000, 2500, 2400]},
    ),
    "temperatures": ("t,city\n20.5 °C,A\n-3 °C,B\n7 °C,A\n", {"t": [20.5, -3, 7], "city": ["A", "B", "A"]}),
    "cabins and tickets": (
        "Cabin,Fare\nC85,71.28\nE46,51.86\nC123,53.1\n",
        {"Cabin": ["C85", "E46", "C123"], "Fare": [71.28, 51.86, 53.1]},
    ),
    "classes": ("class,mark\n1A,3\n2B,4\n1B,5\n2A,6\n", {"class": ["1A", "2B", "1B", "2A"], "mark": [3, 4, 5, 6]}),
    "ages in classes": (
        "age,n\n18-25,3\n26-35,4\n65+,5\n".replace("65+", "36-45"),
        {"age": ["18-25", "26-35", "36-45"], "n": [3, 4, 5]},
    ),
    "ordinals": ("place,time\n1st,3.5\n2nd,4\n3rd,5\n", {"place": ["1st", "2nd", "3rd"], "time": [3.5, 4, 5]}),
    "seasons": (
        "season,goals\n2009-10,3\n2010-11,4\n2011-12,5\n",
        {"season": ["2009-10", "2010-11", "2011-12"], "goals": [3, 4, 5]},
    ),
    "auto-mpg's question marks": (
        "mpg,horsepower\n18,130\n25,?\n15,165\n",
        {"mpg": [18, 25, 15], "horsepower": [130, None, 165]},
    ),
    "abalone without a header": ("M,0.455,15\nF,0.35,7\nM,0.53,9\nM,0.44,10\n", ', row 1: "0.455" looks like a value'),
    "adult without a header": (
        "39, State-gov, 77516, Male\n50, Private, 83311, Male\n"
        "38, Private, 215646, Female\n28, Private, 338409, Male\n",
        ', row 1: "39" looks like a value',
    ),
    "words without a header": (
        "M,flat,?\nF,house,3\nM,flat,4\nM,house,5\nF,flat,7\n",
        ', row 1: "M" is a frequent word',
    ),
    "iris without a header": ("5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n", ', row 1: "5.1" looks like a value'),
    # Dates
    "ISO dates": (
        "d,y\n2015-01-31,1\n2015-02-01,2\n,3\n",
        {"d": ["day", "2015-01-31", "2015-02-01", None], "y": [1, 2, 3]},
    ),
    "German dates": ("d;y\n31.01.2015;1,5\n1.2.2015;2\n", {"d": ["day", "2015-01-31", "2015-02-01"], "y": [1.5, 2]}),
    "American dates": ("d,y\n01/31/2015,1\n2/1/2015,2\n", {"d": ["day", "2015-01-31", "2015-02-01"], "y": [1, 2]}),
    "British dates": ("d,y\n31/01/2015,1\n1/2/2015,2\n", {"d": ["day", "2015-01-31", "2015-02-01"], "y": [1, 2]}),
    "dates of either kind": (
        "d,y\n01/02/2015,1\n03/04/2015,2\n",
        ', row 2, column "d": "01/02/2015" can be 2015-02-01 with',
    ),
    "one date column tells of the other": (
        "a,b\n01/02/2015,01/31/2015\n03/04/2015,02/01/2015\n",
        {"a": ["day", "2015-01-02", "2015-03-04"], "b": ["day", "2015-01-31", "2015-02-01"]},
    ),
    "dates with times": (
        "d,y\n2015-01-31 12:30:00,1\n2015-02-01T00:00:00Z,2\n",
        {"d": ["day", "2015-01-31", "2015-02-01"], "y": [1, 2]},
    ),
    "King County": (
        'date,price\n"20141013T000000",221900\n"20150225T000000",180000\n',
        {"date": ["day", "2014-10-13", "2015-02-25"], "price": [221900, 180000]},
    ),
    "dates without signs": (
        "d,y\n20141013,1\n20150225,2\n20150301,3\n",
        {"d": ["day", "2014-10-13", "2015-02-25", "2015-03-01"], "y": [1, 2, 3]},
    ),
    "dates with names": (
        "d,y\n31-Jan-2015,1\n1 February 2015,2\n",
        {"d": ["day", "2015-01-31", "2015-02-01"], "y": [1, 2]},
    ),
    "French dates": (
        "d;y\n31 janvier 2015;1\n1 août 2015;2\n",
        {"d": ["day", "2015-01-31", "2015-08-01"], "y": [1, 2]},
    ),
    "months": (
        "m,y\n2015-01,1\n2015-12,2\n2016-01,3\n",
        {"m": ["month", "2015-01", "2015-12", "2016-01"], "y": [1, 2, 3]},
    ),
    "months with names": ("m,y\nJan 2015,1\nDec 2015,2\n", {"m": ["month", "2015-01", "2015-12"], "y": [1, 2]}),
    "quarters": (
        "q,y\n1974Q1,1\n1974Q2,2\n1975Q1,3\n",
        {"q": ["quarter", "1974Q1", "1974Q2", "1975Q1"], "y": [1, 2, 3]},
    ),
    "times of day": ("t,y\n12:30,1\n08:15,2\n23:59,3\n", {"t": ["hour", "12:30", "08:15", "23:59"], "y": [1, 2, 3]}),
    "times with am and pm": ("t,y\n12:30 AM,1\n1:15 pm,2\n", {"t": ["hour", "00:30", "13:15"], "y": [1, 2]}),
    "dates without a year": ("d,y\n01.02,1\n15.02,2\n03.11,3\n", {"d": "unclear", "y": [1, 2, 3]}),
    "years of two digits in this century": (
        "d,y\n1/31/15,1\n2/1/16,2\n",
        {"d": ["day", "2015-01-31", "2016-02-01"], "y": [1, 2]},
    ),
    "years of two digits": ("d,y\n12.05.45,1\n13.06.71,2\n14.07.12,3\n", {"d": "unclear", "y": [1, 2, 3]}),
    "minutes and seconds": ("t,y\n28:45,1\n31:10,2\n19:30,3\n", {"t": "unclear", "y": [1, 2, 3]}),
    "running times": ("t,y\n2:45:30,1\n3:10:00,2\n", {"t": ["hour", "02:46", "03:10"], "y": [1, 2]}),
    "numbers that are no dates": (
        "a,b\n10.5,2015.5\n1.25,2016.25\n12.1,2014\n",
        {"a": [10.5, 1.25, 12.1], "b": [2015.5, 2016.25, 2014]},
    ),
    # Mixtures
    "two units": ("w,y\n70 kg,1\n150 lb,2\n80 kg,3\n", None),
    "missing for the most part": (
        "pool,y\nnan,1\n3.5,2\nnan,3\nNaN,4\nmissing,5\n--,6\n",
        {"pool": [None, 3.5, None, None, None, None], "y": [1, 2, 3, 4, 5, 6]},
    ),
    "an unclosed quote": ('a,b\n1,x\n2,"y\n3,z\n', None),
}


@pytest.mark.parametrize("name", [name for name, (_, right) in FOUND.items() if right is not None])
def test_a_table_as_people_have_it(tmp_path, name):
    content, right = FOUND[name]
    path = tmp_path / ("table.tsv" if name == "Polish" else "table.csv")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if isinstance(right, str):
        with pytest.raises(UserError) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}{right}")
        assert "\n" not in str(caught.value)
        return
    found = read(path)
    assert list(found) == list(right)
    for column, cells in right.items():
        if isinstance(cells, list) and not any(isinstance(cell, str) for cell in cells):
            numbers, expected = (np.array(some, np.float64) for some in (found[column], cells))
            np.testing.assert_allclose(numbers, expected, rtol=1e-15, err_msg=column)
        else:
            assert found[column] == cells, column
