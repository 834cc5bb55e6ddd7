"""The words the town is made of. Every combination is invented."""

FIRST_NAMES = (
    "Agnes Alva Anders Anita Anton Arvid Asta Axel Barbro Bengt Birgitta Björn Bo Britta Cecilia Dagny David "
    "Ebba Edvin Elin Ellen Elsa Emil Erik Eva Felix Folke Frida Greta Gunnar Gustav Göran Hanna Hedda Helge "
    "Henrik Hilma Hugo Ida Inga Ingrid Ivar Jan Johan Karin Kerstin Klara Kurt Lars Leila Leo Linnea Lovisa "
    "Maja Malin Maria Martin Märta Nils Nora Olle Oskar Per Petra Rut Samir Sara Sigrid Siv Sofia Stig Sven "
    "Svea Tage Tilda Tore Tuva Ulla Valter Vera Viktor Vilma Yusuf Åke Åsa Örjan Östen Zahra"
).split()

LAST_NAMES = (
    "Ahlgren Alm Andersson Asp Berg Bergqvist Björk Blom Borg Brodin Dahl Ek Eklund Engström Fors Forsberg "
    "Frisk Gren Gustavsson Hagberg Hassan Hed Hedlund Holm Håkansson Kallberg Karlsson Kvist Lind Lindahl "
    "Ljung Lund Lövgren Malm Modig Moberg Nilsson Norén Nyström Näslund Olsson Palm Persson Rask Roos Rosén "
    "Sand Sjöberg Skog Stark Strand Ström Sund Söderlund Tall Törnqvist Ull Vall Vik Wallin Wiklund Åberg "
    "Åkesson Ängman Öberg Östlund Saleh Virtanen"
).split()

# Quarter (trakt), and whether designations in it carry a block number ("EKBACKEN 3:14") or not ("KVARNEN 14").
QUARTERS = (
    ("EKBACKEN", True),
    ("SOLHÖJDEN", True),
    ("KVARNEN", False),
    ("BJÖRKÄNGEN", True),
    ("HAMNEN", False),
    ("ÅSBYN", True),
    ("NORRGÅRDEN", True),
    ("SÖDERÄNGEN", True),
    ("LÖVHOLMEN", True),
    ("SMEDJAN", False),
    ("TALLMON", True),
    ("VÄSTERBY", True),
    ("KYRKBACKEN", True),
    ("STOCKHAGEN", True),
    ("ÖSTANSJÖ", True),
)

# Quarters on the island: the sludge lorry goes there with the ferry only.
ISLAND_QUARTERS = frozenset({"LÖVHOLMEN"})

STREETS = (
    "Ekbacksvägen Solhöjdsgatan Kvarngatan Björkängsvägen Hamngatan Åsbyvägen Norrgårdsvägen Söderängsgatan "
    "Lövholmsvägen Smedjegatan Tallmovägen Västerbygatan Kyrkbacksvägen Stockhagsvägen Östansjövägen"
).split()

POSTAL = tuple(f"199 {n:02d}" for n in range(10, 25))
TOWN = "TALLINGE"
MUNICIPALITY = "Tallinge"
NEIGHBOURS = ("Granvik", "Norrsele", "Ulvhamra")  # other municipalities, as invented as this one

# Who looks after the streets of a quarter; the municipality does of those that are not here.
ROAD_OWNERS = {
    "LÖVHOLMEN": "Lövholmens vägförening",
    "STOCKHAGEN": "Stockhagens samfällighetsförening",
    "ÖSTANSJÖ": "Trafikverket",
}

# ISO 639-1, and how many of a hundred people have it as their mother tongue.
LANGUAGES = {"sv": 78, "ar": 6, "fi": 4, "en": 3, "so": 2, "pl": 2, "fa": 2, "es": 1, "tr": 1, "ti": 1}
