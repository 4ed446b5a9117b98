"""Languages: the language is in the path; a template is rendered in one of them.

Catalogs are gettext's, by Babel; what is not translated stands in English. Text of a
programme comes from the programme.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from intake.paths import shipped

DOMAIN = "intake"
SOURCE = "en"
"""The language of the source texts; it needs no catalog."""


@dataclass(frozen=True)
class Language:
    """One language: its code, its own name, its direction, its texts."""

    code: str
    name: str
    direction: str
    translations: NullTranslations
    environment: Environment

    def text(self, message: str, **values: object) -> str:
        """Return a source text in this language, with its values."""
        translated = self.translations.gettext(message)
        return translated % values if values else translated

    def render(self, template: str, **context: object) -> str:
        """Return a page in this language."""
        return self.environment.get_template(template).render(language=self, **context)


def load(code: str, face: str) -> Language:
    """Return a language with the templates of one face ("public", "mail")."""
    locale = Locale.parse(code, sep="-")
    catalogs = shipped("locale")
    translations: NullTranslations = Translations.load(catalogs, [str(locale)], DOMAIN)
    environment = Environment(
        loader=FileSystemLoader(shipped("templates") / face),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),  # mails
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # shipped templates never change while the program runs
        extensions=["jinja2.ext.i18n"],
    )
    # Typed by neither library: the i18n extension adds this method to the environment.
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["day"] = partial(format_date, format="long", locale=locale)
    name = locale.get_display_name(str(locale)) or code
    return Language(code, name, locale.text_direction, translations, environment)


def is_translated(code: str) -> bool:
    """Whether the program itself speaks this language."""
    return code == SOURCE or _catalog(code).is_file()


def _catalog(code: str) -> Path:
    return shipped("locale") / code.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.mo"
