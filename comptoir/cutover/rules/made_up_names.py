"""Names and places that made-up customers are put together from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """Where a made-up customer may be: its code, currency, language, and what its people and firms are called."""

    code: str
    currency: str
    language: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    firms: tuple[str, ...]  # with {last} or {city}
    streets: tuple[str, ...]  # with {n}
    cities: tuple[tuple[str, str], ...]  # postcode, name


_FRENCH_FIRST = (
    "Camille", "Anaïs", "Benoît", "Chloé", "Damien", "Éloïse", "Fabrice", "Gaëlle", "Hélène", "Inès", "Jérôme", "Karim", "Léa",
    "Maël", "Nadia", "Océane", "Pascal", "Quentin", "Rachida", "Sébastien", "Théo", "Ulysse", "Valérie", "Xavier",
    "Yasmine", "Zoé",
)  # fmt: skip
_FRENCH_LAST = (
    "Morel", "Lefèvre", "Garnier", "Dubois", "Mbaye", "Roussel", "Benali", "Le Goff", "Fontaine", "Nguyen", "d'Alembert", "Barré",
    "Traoré", "Chevalier", "Perrin", "Masson", "Haddad", "Lemaître", "Vasseur", "Colin", "Besson", "Dos Santos", "Picard",
    "Ferrand",
)  # fmt: skip
_GERMAN_FIRST = (
    "Anna", "Bernd", "Claudia", "Dieter", "Elif", "Friedrich", "Greta", "Hannes", "Ilse", "Jürgen", "Käthe", "Lukas",
    "Mehmet", "Nele",
    "Oskar", "Petra", "Rainer", "Sabine", "Tobias", "Ursula", "Volker", "Wiebke",
)  # fmt: skip
_GERMAN_LAST = (
    "Müller", "Schröder", "Groß", "Weiß", "Yılmaz", "Köhler", "Baumann", "Ostermann", "Lindner", "Krüger", "Vogt",
    "Jansen", "Hübner",
    "Seidel", "Brandt", "Kowalczyk", "Pfeiffer", "Dörr",
)  # fmt: skip
_ENGLISH_FIRST = (
    "Alice", "Brian", "Charlotte", "Dev", "Eleanor", "Farah", "George", "Harriet", "Imran", "Jack", "Kwame", "Lily",
    "Mohammed", "Niamh",
    "Oliver", "Priya", "Quinn", "Ruth", "Samuel", "Tara", "Victor", "William",
)  # fmt: skip
_ENGLISH_LAST = (
    "Smith", "O'Brien", "Patel", "Clarke", "Okafor", "Hughes", "Taylor-Reed", "Murphy", "Ahmed", "Walker", "Bennett",
    "Chen", "MacLeod",
    "Foster", "Grant", "Singh", "Harper", "Lloyd", "Wright", "Young",
)  # fmt: skip

COUNTRIES = (
    Country(
        "FR", "EUR", "fr", _FRENCH_FIRST, _FRENCH_LAST,
        ("Atelier {last}", "Bureau d'études {city}", "Menuiserie {last} & Fils", "Paysages {last}", "Agence {last} Architectes"),
        ("{n} rue des Tilleuls", "{n} quai de la Gare", "{n} bis avenue Jean-Jaurès", "{n} place du Marché"),
        (("69003", "Lyon"), ("44000", "Nantes"), ("59000", "Lille"), ("33000", "Bordeaux"), ("38000", "Grenoble"),
         ("29200", "Brest")),
    ),
    Country(
        "DE", "EUR", "de", _GERMAN_FIRST, _GERMAN_LAST,
        ("{last} Architekten", "Ingenieurbüro {last}", "Stadtwerkstatt {city}", "Tischlerei {last}"),
        ("Lindenstraße {n}", "Am Hafen {n}", "Goetheplatz {n}"),
        (("20457", "Hamburg"), ("50667", "Köln"), ("04109", "Leipzig"), ("80331", "München")),
    ),
    Country(
        "ES", "EUR", "es",
        ("Álvaro", "Begoña", "Cristina", "Diego", "Elena", "Íñigo", "Lucía", "Martín", "Núria", "Pilar", "Raúl", "Sofía"),
        ("García", "Núñez", "Ibáñez", "Fernández", "Ortiz", "Puig", "Etxeberria", "Romero", "Vázquez", "Castaño"),
        ("Estudio {last}", "Arquitectura {city}", "Talleres {last}"),
        ("Calle Mayor {n}", "Avenida del Puerto {n}"),
        (("28013", "Madrid"), ("08002", "Barcelona"), ("48001", "Bilbao")),
    ),
    Country(
        "GB", "GBP", "en", _ENGLISH_FIRST, _ENGLISH_LAST,
        ("{last} & Partners", "{last} Design Studio", "{city} Joinery", "{last} Landscape Architects"),
        ("{n} Mill Lane", "{n} Station Road", "{n} High Street"),
        (("M1 2WD", "Manchester"), ("BS1 4ST", "Bristol"), ("EH1 1YZ", "Edinburgh"), ("LS1 4AP", "Leeds")),
    ),
    Country(
        "US", "USD", "en", _ENGLISH_FIRST, _ENGLISH_LAST,
        ("{last} Associates", "{city} Builders", "{last} Interiors", "{last} Structural"),
        ("{n} Maple Avenue", "{n} Harbor Drive", "{n} 5th Street"),
        (("97205", "Portland"), ("55401", "Minneapolis"), ("78701", "Austin"), ("02110", "Boston")),
    ),
    Country(
        "CH", "CHF", "fr", _FRENCH_FIRST, (*_FRENCH_LAST[:10], *_GERMAN_LAST[:8]),
        ("Atelier {last}", "{last} Ingénieurs", "Bureau technique {city}"),
        ("Rue du Rhône {n}", "Chemin des Vignes {n}"),
        (("1201", "Genève"), ("1003", "Lausanne"), ("2000", "Neuchâtel")),
    ),
)  # fmt: skip
