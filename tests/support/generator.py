"""Reports as people write them, in seven languages, the same for the same seed.

Rules: nothing here is anybody's; names, places and numbers are put together by chance. Lengths
spread as those of a form do: most are short, some go on for pages.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from intake.core.entry import AdditionBody, Entry, ReportBody
from intake.core.evidence import Evidence
from intake.core.programme import Programme
from intake.core.report import Answer
from intake.crypto.derive import authenticate

FIRST = date(2025, 1, 1)
DAYS = 600
"""The days over which reports are spread."""

_NAMES = {
    "en": ("Mary", "John", "Grace", "Daniel", "Ruth", "Samuel"),
    "es": ("María", "José Ángel", "Lucía", "Ramón", "Yesenia", "Óscar"),
    "pt": ("João", "Conceição", "Thaís", "Antônio", "Luzia", "Inácio"),
    "fr": ("Aminata", "Étienne", "Héloïse", "François", "Noëlle", "Moïse"),
    "ht": ("Wideline", "Jean-Baptiste", "Mirlande", "Frantz", "Guerda", "Evens"),
    "ru": ("Алёна", "Сергей", "Наталья", "Юрий", "Зоя", "Андрей"),
    "ar": ("أحمد", "فاطمة", "إبراهيم", "مُحَمَّد", "آمنة", "هدى"),
}
_PLACES = (
    "Tijuana", "Ciudad Juárez", "Nuevo Laredo", "El Paso", "Reynosa", "Tapachula", "San Diego",
    "Matamoros", "Eagle Pass", "Nogales", "Mexicali", "Piedras Negras", "Del Rio", "McAllen",
)  # fmt: skip
_SENTENCES = {
    "en": (
        "They took my phone and did not give it back.",
        "{name} was held for {number} days without a blanket.",
        "The officer with badge {badge} shouted that nobody would believe us.",
        "We asked for asylum at {place} and nobody wrote it down.",
        "My son was taken to another room and I heard him cry.",
        "There was no doctor, although {name} was bleeding.",
        "They made us sign papers that we could not read.",
        "A guard pushed {name} against the fence until her arm broke.",
        "We were sent back over the bridge at {place} in the night.",
        "The water smelled and the light was never turned off.",
        "I saw how they hit a man who was already on the ground.",
        "The hearing was moved to {date} and nobody told us.",
    ),
    "es": (
        "Nos quitaron los teléfonos y no los devolvieron.",
        "A {name} la tuvieron {number} días sin cobija.",
        "El agente con placa {badge} gritó que nadie nos iba a creer.",
        "Pedimos asilo en {place} y nadie lo anotó.",
        "Se llevaron a mi niño a otro cuarto y lo oí llorar.",
        "No había médico, aunque {name} sangraba.",
        "Nos hicieron firmar papeles que no podíamos leer.",
        "Un guardia empujó a {name} contra la cerca hasta quebrarle el brazo.",
        "Nos regresaron de noche por el puente de {place}.",
        "Nos cobraron {number} dólares para dejarnos pasar.",
        "Mañana lo deportan y todavía no habló con un abogado.",
    ),
    "pt": (
        "Levaram nossos documentos e não devolveram.",
        "{name} ficou {number} dias sem remédio para o coração.",
        "O policial da viatura {badge} disse que ninguém acreditaria.",
        "Pedimos proteção em {place} e não fomos ouvidos.",
        "As crianças dormiram no chão, sem colchão.",
        "Não havia intérprete na audiência de {date}.",
    ),
    "fr": (
        "Ils ont pris nos papiers et ne les ont pas rendus.",
        "{name} est restée {number} jours sans médecin.",
        "L'agent au matricule {badge} nous a menacés.",
        "Nous avons demandé l'asile à {place}, personne n'a écouté.",
        "Mon frère a été frappé devant les enfants.",
        "L'audience du {date} a été déplacée sans prévenir.",
    ),
    "ht": (
        "Yo pran tout papye nou yo, yo pa remèt yo.",
        "{name} te pase {number} jou san dlo pwòp.",
        "Yon ajan nimewo {badge} te frape nou.",
        "Nou te mande azil nan {place}, pèsonn pa koute nou.",
        "Timoun yo te dòmi atè a nan fredi a.",
    ),
    "ru": (
        "У нас забрали телефоны и не вернули.",
        "{name} держали {number} дней без врача.",
        "Офицер с номером {badge} кричал и угрожал.",
        "Мы просили убежища в {place}, но нас никто не слушал.",
        "Моего ребёнка увели в другую комнату.",
        "Суд перенесли на {date}, и нам не сказали.",
    ),
    "ar": (
        "أخذوا هواتفنا ولم يعيدوها إلينا.",
        "احتجزوا {name} لمدة {number} أيام بلا دواء.",
        "صرخ الضابط رقم {badge} بأن لا أحد سيصدقنا.",
        "طلبنا اللجوء في {place} ولم يكتب أحد شيئًا.",
        "ضربوا أخي أمام الأطفال وكان يبكي.",
        "تأجلت المحكمة إلى {date} ولم يخبرنا أحد.",
    ),
}
_LANGUAGES = ("es",) * 9 + ("en",) * 5 + ("ht", "ht", "pt", "fr", "ru", "ar")
"""As such offices meet them: mostly Spanish, then English."""


@dataclass
class Generator:
    """Makes entries for one office of a programme, each from `seed` and its number alone."""

    programme: Programme
    office: str
    seed: int = 1

    def reports(self, count: int) -> Iterator[tuple[date, Entry]]:
        """Yield reports with the day on which each was filed."""
        for number in range(count):
            yield self.report(number)

    def report(self, number: int) -> tuple[date, Entry]:
        """Return one report and its day."""
        chance = self._chance("report", number)
        day = FIRST + timedelta(days=chance.randrange(DAYS))
        language = chance.choice(_LANGUAGES)
        body = ReportBody(
            answers=self._short(chance, language, day),
            contact="" if chance.random() < 0.6 else f"+52 555 {chance.randrange(10**6):06}",
            digest=self.programme.digest,
            evidence=self._files(chance, number) if chance.random() < 0.3 else (),
            language=language if language in self.programme.languages else "en",
            message_key=_hex(chance, 32),
            reply_to=chance.randbytes(1216),
            unscripted=chance.random() < 0.2,
            version=self.programme.version,
        )
        return day, Entry(
            body=body,
            case=_hex(chance, 16),
            date=f"{day}+01:00",
            direction="in",
            format="intake/entry/v1",
            id=_hex(chance, 16),
            kind="report",
            mac="",
            office=self.office,
            programme=self.programme.id,
            seen=(),
        )

    def addition(self, report: Entry, day: date, number: int = 0) -> tuple[date, Entry]:
        """Return what the same person adds some days later: her hearing has a date."""
        assert isinstance(report.body, ReportBody)
        chance = self._chance(report.id, number)
        later = day + timedelta(days=1 + chance.randrange(30))
        answers: dict[str, Answer] = {"new-date": str(later + timedelta(days=20))}
        body = AdditionBody(
            answers=answers,
            digest=self.programme.digest,
            evidence=(),
            group="date",
            keeper="",
            language=report.body.language,
            people=(),
            refer=(),
            unscripted=False,
            version=self.programme.version,
        )
        entry = Entry(
            body=body,
            case=report.case,
            date=f"{later}+01:00",
            direction="in",
            format="intake/entry/v1",
            id=_hex(chance, 16),
            kind="message",
            mac="",
            office=self.office,
            programme=self.programme.id,
            seen=(report.id,),
        )
        return later, authenticate(entry, bytes.fromhex(report.body.message_key))

    def _short(self, chance: random.Random, language: str, day: date) -> dict[str, Answer]:
        answers: dict[str, Answer] = {"account": _account(chance, language, day)}
        answers["place"] = chance.choice(_PLACES)
        if chance.random() < 0.7:
            answers["date"] = str(day - timedelta(days=chance.randrange(200)))
        for name in ("region", "time", "child", "custody", "urgency"):
            if chance.random() < 0.8:
                answers[name] = chance.choice(self.programme.terms(name))
        agencies = self.programme.terms("agency")
        chosen = sorted(chance.sample(range(len(agencies)), chance.randrange(1, 3)))
        answers["agency"] = tuple(agencies[place] for place in chosen)
        return answers

    def _files(self, chance: random.Random, number: int) -> tuple[Evidence, ...]:
        return (
            Evidence(
                digest=_hex(chance, 32),
                id=_hex(chance, 16),
                key="AGE-SECRET-KEY-PQ-1" + "Q" * 58,
                length=chance.randrange(10_000, 5_000_000),
                name=f"IMG_{number:05}.jpg",
                of="",
                type="image/jpeg",
            ),
        )

    def _chance(self, what: str, number: int) -> random.Random:
        return random.Random(f"{self.seed}/{what}/{number}")  # noqa: S311 - the same each time


def _account(chance: random.Random, language: str, day: date) -> str:
    length = min(120, int(chance.lognormvariate(2.0, 0.8)) + 1)
    sentences = []
    for place in range(length):
        sentence = chance.choice(_SENTENCES[language]).format(
            name=chance.choice(_NAMES[language]),
            number=chance.randrange(2, 90),
            badge=f"{chance.randrange(100_000):05}",
            place=chance.choice(_PLACES),
            date=day + timedelta(days=chance.randrange(90)),
        )
        sentences.append(sentence + ("\n" if place % 5 == 4 else " "))
    return "".join(sentences).strip()


def _hex(chance: random.Random, size: int) -> str:
    return chance.randbytes(size).hex()
