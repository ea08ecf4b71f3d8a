"""The list that the first live reading meets: 236 names, of which the register knows 137.

Three that it knows are gone, five are spelled in other ways, six resemble a known name without
being it, and 93 are new: invented companies with the legal forms of twenty countries.
"""

from collections.abc import Iterable
from html import escape

GONE = ("Gira Group", "Tidio", "Waiheke")
RESPELLED = {
    "Telefónica": "TELEFONICA SA",
    "Dassault Systèmes": "Dassault Systemes",
    "VERBUND": "VERBUND AG",
    "Milestone Systems": "Milestone Systems A/S",
    "Hewlett Packard Enterprise": "Hewlett-Packard Enterprise",
}
RESEMBLING = (
    "Orange Bank",
    "Airbus Defence and Space GmbH",
    "Porsche Informatik GmbH",
    "Lenovo Deutschland",
    "Saidott",
    "Generali Deutschland",
)
_NEW = """
Adlerwerk GmbH|Aiguemarine SAS|Bergkristall Medizintechnik GmbH & Co. KGaA|Brumaire Conseil SASU
Czarnolas Sp. z o.o.|Dunavox Kft.|Eibenholz e.V.|Fjordlys ApS|Grünspecht UG (haftungsbeschränkt)
Hollerbusch eG|Ilmatar Oy|Jelgavnet SIA|Kwiatowy Sp. z o.o.|Lumenflux S.r.l.|Morgenrot B.V.
Nachtfalter AG|Ostrowiec S.A.|Pinienhain A/S|Quercifolia S.p.A.|Rosmarino S.r.l.
Sternwarte Jena e.V.|Tannenbaum AB|Uhlenhorst Hafenlogistik|Vigneron & Fils SARL
Wacholder d.o.o.|Xylofon Lda|Ymirsson ehf.|Zvonimir d.d.|Cordillera Datos S.L.
Drachenfels (Germany)|Falkenried Robotik|Bialowieza Spółka akcyjna
Mazurek Diagnostyka Sp. z o.o.|Zubrowka Gaming|Pierogarnia Cyfrowa Sp.k.
Kalamata Optics (Greece)|Thessalon A.E.|Rhodopi EOOD|Plovdivnet EAD|Timisora Soft S.R.L.
Sibiu Vision|Ljubelj d.o.o.|Triglav Motion|Balaton Nyrt.|Szegediner Kft.|Vltavin s.r.o.
Moldau Analytics a.s.|Tatranka s.r.o.|Kosicky Hrad|Saaremaa OÜ|Tallinnstern AS
Daugavpils Dati SIA|Nemunas UAB|Kaunotech UAB|Lapinkulta Labs Oy|Suomenlinna Oyj|Götakanal AB
Malmöhus Signal|Skagerrak Energi AS|Limfjord A/S|Roskildekro ApS|Ijsselmeer B.V.|Zuiderzee N.V.
Scheldemond BV|Ardenner Woud NV|Luxembulle S.à r.l.|Alsacienne des Données SAS
Camargue Sensoriel|Dordogne Vision SELAS|Finistère Numérique SCOP|Garonne Biotech SASU
Hérault Mobilité|Lozère Satellites|Morbihan Voile SAS|Alentejo Cognitivo Lda
Douro Preditivo, S.A.|Extremadura Visual S.L.U.|Galicia Marítima|Pirineo Lógico
Valdepeñas Robótica SL|Abruzzo Neurale S.r.l.|Basilicata Suono|Maremma Veicoli S.p.A.
Connemara Insights DAC|Donegal Weaving Ltd|Killarney Speech|Ochil Hills Ltd|Pembroke Assay LLP
Appalachian Ledger Inc.|Chesapeake Prosody LLC|Wasatch Kinetics|Hokkaido Yuki K.K.
Falkenried Robotics
"""
NEW = _NEW.strip().replace("\n", "|").split("|")
WITH_A_REMARK = "Adlerwerk GmbH"


def names_of_2026(known: Iterable[str]) -> list[str]:
    """The names of the list, from those of the signatories that the register knows."""
    listed = [RESPELLED.get(name, name) for name in known if name not in GONE]
    return sorted([*listed, *RESEMBLING, *NEW], key=str.casefold)


def page_of_2026(known: Iterable[str]) -> bytes:
    """A page of the Commission with these names, one of them with a remark."""
    items = "".join(f"<li>{escape(name)}</li>\n" for name in names_of_2026(known))
    items = items.replace(f"{WITH_A_REMARK}<", f"{WITH_A_REMARK} (core pledges only)<")
    return f"""<!DOCTYPE html>
<html lang="en"><head><title>AI Pact | Shaping Europe’s digital future</title></head>
<body><main><h1>AI Pact</h1><p>The AI Pact supports companies.</p>
<h2>Signatories of the pledges</h2>
<p>Some signatories may not appear immediately.</p>
<ul>{items}</ul>
<h2>Related content</h2><ul><li>AI Act</li><li>AI Office</li></ul></main></body></html>
""".encode()
