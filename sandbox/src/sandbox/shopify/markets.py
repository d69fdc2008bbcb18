"""Where the shop sells: language, taxes, currency shown to the buyer, people and places."""

from dataclasses import dataclass
from decimal import Decimal

SHOP_CURRENCY = "SEK"
MAIN_LOCATION = 77_001_234_567
SECOND_LOCATION = 77_001_234_599
LOCATION_NAMES = {MAIN_LOCATION: "Lager Borås", SECOND_LOCATION: "Butik Göteborg"}


@dataclass(frozen=True)
class Place:
    city: str
    zip: str
    province: str | None = None
    province_code: str | None = None


@dataclass(frozen=True)
class Market:
    """`rate` is how much of the buyer's currency one unit of the shop's currency is."""

    country: str
    country_code: str
    locale: str
    currency: str
    rate: Decimal
    tax_rate: Decimal
    tax_title: str
    taxes_included: bool
    dial: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[Place, ...]


SWEDEN = Market(
    country="Sweden",
    country_code="SE",
    locale="sv-SE",
    currency="SEK",
    rate=Decimal(1),
    tax_rate=Decimal("0.25"),
    tax_title="Moms",
    taxes_included=True,
    dial="+467",
    first_names=("Åsa", "Örjan", "Märta", "Björn", "Ebba", "Göran", "Linnéa", "Håkan", "Tove", "Sixten"),
    last_names=("Åkesson", "Öberg", "Lindström", "Sjögren", "Hägglund", "Norén", "Wikström", "Dahl"),
    streets=("Södra Förstadsgatan", "Källarvägen", "Åsgatan", "Östra Hamngatan", "Björkstigen"),
    places=(
        Place("Malmö", "211 43"),
        Place("Göteborg", "411 10"),
        Place("Umeå", "903 26"),
        Place("Örebro", "702 11"),
    ),
)
FINLAND = Market(
    country="Finland",
    country_code="FI",
    locale="fi-FI",
    currency="EUR",
    rate=Decimal("0.0872"),
    tax_rate=Decimal("0.255"),
    tax_title="ALV",
    taxes_included=True,
    dial="+3584",
    first_names=("Päivi", "Jääskö", "Aino", "Väinö", "Sini", "Yrjö"),
    last_names=("Mäkelä", "Hämäläinen", "Järvinen", "Söderholm", "Nieminen"),
    streets=("Hämeentie", "Mäkelänkatu", "Itäinen Pitkäkatu"),
    places=(Place("Jyväskylä", "40100"), Place("Helsinki", "00530"), Place("Hämeenlinna", "13100")),
)
GERMANY = Market(
    country="Germany",
    country_code="DE",
    locale="de-DE",
    currency="EUR",
    rate=Decimal("0.0872"),
    tax_rate=Decimal("0.19"),
    tax_title="MwSt",
    taxes_included=True,
    dial="+4915",
    first_names=("Jürgen", "Käthe", "Sören", "Zoë", "Günther", "Anneliese"),
    last_names=("Müller", "Groß", "Köhler", "Weiß", "Schäfer", "von der Höhe"),
    streets=("Königstraße", "Mühlenweg", "Große Bäckerstraße"),
    places=(Place("Köln", "50667", "Nordrhein-Westfalen", "NW"), Place("München", "80331", "Bayern", "BY")),
)
POLAND = Market(
    country="Poland",
    country_code="PL",
    locale="pl-PL",
    currency="PLN",
    rate=Decimal("0.3715"),
    tax_rate=Decimal("0.23"),
    tax_title="VAT",
    taxes_included=True,
    dial="+4850",
    first_names=("Łukasz", "Małgorzata", "Święcisława", "Żaneta", "Paweł"),
    last_names=("Wójcik", "Śliwiński", "Żółkiewska", "Dąbrowski"),
    streets=("Świętojańska", "Długa", "Żwirki i Wigury"),
    places=(Place("Łódź", "90-001"), Place("Kraków", "30-002"), Place("Gdańsk", "80-831")),
)
USA = Market(
    country="United States",
    country_code="US",
    locale="en-US",
    currency="USD",
    rate=Decimal("0.0951"),
    tax_rate=Decimal("0.08875"),
    tax_title="NY State and City Tax",
    taxes_included=False,
    dial="+1917",
    first_names=("Renée", "Marcus", "O'Shea", "Dolores", "Grace"),
    last_names=("Núñez", "O'Rourke", "Whitfield", "Abernathy-Cole", "Lee"),
    streets=("Flatbush Avenue", "W 86th Street", "Atlantic Ave #4B"),
    places=(Place("Brooklyn", "11217", "New York", "NY"), Place("New York", "10024", "New York", "NY")),
)
MARKETS = (SWEDEN, SWEDEN, SWEDEN, SWEDEN, FINLAND, GERMANY, GERMANY, POLAND, USA)
