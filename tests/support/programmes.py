"""A small programme: two keyed offices, a served one that the first reads, few words."""

from intake.core import programme as programmes
from intake.core.programme import Programme
from intake.core.questions import VOCABULARIES

_HEAD = """\
id = "small"
version = "1"
languages = ["en", "es"]
fallback = "inv"
leave = "https://example.org/weather"
title = { en = "Small programme", es = "Programa pequeño" }

[[offices]]
id = "inv"
kind = "keyed"
name = { en = "Own investigators", es = "Investigación propia" }
takes = { en = "Every report", es = "Todo informe" }
shares = { en = "Tells nobody.", es = "No cuenta a nadie." }

[[offices]]
id = "det"
kind = "keyed"
name = { en = "Detention ombudsman", es = "Defensoría de detención" }
takes = { en = "Reports from custody", es = "Informes de custodia" }
shares = { en = "Part of the department of justice.", es = "Parte de la justicia." }

[[offices]]
id = "oig"
kind = "served"
reader = "inv"
agency = "border"
department = "security"
name = { en = "Inspector general", es = "Inspección general" }
takes = { en = "Reports about officers", es = "Informes sobre agentes" }
shares = { en = "Tells the agency it inspects.", es = "Avisa a la agencia." }

[[routes]]
office = "oig"
match = { agency = ["border"] }
reason = { en = "You named the border agency.", es = "Usted nombró a la frontera." }

[[routes]]
office = "det"
match = { custody = ["yes"] }
reason = { en = "Someone is held.", es = "Alguien está detenido." }

[[help]]
label = { en = "Emergency", es = "Emergencia" }
reach = { en = "Call 112", es = "Llame al 112" }

[[templates]]
id = "received"
text = { en = "It was opened.", es = "Se abrió." }
"""

_TERMS = {"agency": (("border", "Border", "Frontera"), ("police", "Police", "Policía"))}
_YES_NO = (("yes", "Yes", "Sí"), ("no", "No", "No"))


def _vocabulary(facet: str) -> str:
    return "".join(
        f'\n[[vocabularies.{facet}]]\nid = "{name}"\nlabel = {{ en = "{en}", es = "{es}" }}\n'
        for name, en, es in _TERMS.get(facet, _YES_NO)
    )


SMALL = _HEAD + "".join(_vocabulary(facet) for facet in VOCABULARIES)
"""The programme as TOML; each facet but `agency` is answered by yes or no."""


def small() -> Programme:
    """Return the programme, parsed."""
    return programmes.parse(SMALL, "small.toml")
