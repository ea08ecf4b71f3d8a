"""Companies on the register, signatory or not, with their other names and identifiers."""

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, Value
from django.db.models.functions import Lower, Upper
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from companies.countries import EU_MEMBERS, country_codes, country_name
from companies.names.identifiers import one_form, why_wrong
from companies.names.letters import fold

from .dates import in_force
from .fields import CharField, FoldedField, LineField, LongText, NameField, Translated, WebField

if TYPE_CHECKING:
    from .pact import Pact


def known_country(code: str) -> None:
    if code not in country_codes():
        raise ValidationError(
            _("“%(code)s” is not a country code of ISO 3166-1, such as FR or US."),
            params={"code": code},
        )


class Sector(models.Model):
    """A line of business, with its label in both languages."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    label_en = LineField(_("label in English"), max_length=100)
    label_fr = LineField(_("label in French"), max_length=100)
    label = Translated("label")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.label


class Region(models.TextChoices):
    """Where a company has its headquarters, in the Commission's own three groups."""

    EU = "eu", _("European Union")
    US = "us", _("United States")
    OTHER = "other", _("other countries")
    UNKNOWN = "unknown", _("unknown")


class CompanyQuerySet(models.QuerySet["Company"]):
    def with_status(self, pact: "Pact", day: datetime.date) -> Self:
        """Annotate companies with their period toward `pact` on `day`: status, since and basis.

        Periods of one company and pact never overlap, so no company is duplicated; one
        without a period has None.
        """
        return self.annotate(
            current=FilteredRelation(
                "signings", condition=Q(in_force(day, "signings__"), signings__pact=pact)
            ),
            signing_id=F("current__id"),
            status=F("current__status"),
            since=F("current__since"),
            since_precision=F("current__since_precision"),
            since_basis=F("current__since_basis"),
        )

    def signed(self) -> Self:
        """Signatories, after `with_status`."""
        return self.filter(Q(status="signed"))

    def search(self, text: str) -> Self:
        """Companies whose names contain every word of `text`, whatever its case and accents."""
        from_names = CompanyName.objects.filter(company=OuterRef("pk"))
        found = Q()
        for word in fold(text).split():
            found &= Q(name_folded__contains=word) | Q(
                Exists(from_names.filter(name_folded__contains=word))
            )
        return self.filter(found)


class Company(models.Model):
    """An organisation on the register, signatory or not."""

    class Size(models.TextChoices):
        """Commission Recommendation 2003/361/EC, with small and medium-sized as one."""

        MICRO = "micro", _("micro enterprise")
        SME = "sme", _("small or medium-sized")
        LARGE = "large", _("large")
        UNKNOWN = "unknown", _("unknown")

    class Role(models.TextChoices):
        """Article 3(3) and 3(4) of the AI Act."""

        PROVIDER = "provider", _("provider")
        DEPLOYER = "deployer", _("deployer")
        BOTH = "both", _("provider and deployer")
        UNKNOWN = "unknown", _("unknown")

    class ProfileBasis(models.TextChoices):
        """The source of country, sector, size and role."""

        SOURCE = "source", _("a source, linked")
        GENERAL_KNOWLEDGE = "general_knowledge", _("general knowledge, not sourced")
        UNKNOWN = "unknown", _("unknown")

    slug = models.SlugField(
        _("public id"),
        max_length=100,
        unique=True,
        help_text=_("Part of the record’s address. It should never change once published."),
    )
    name = NameField(_("name"), max_length=200)
    name_folded = FoldedField(source="name")
    legal_name = NameField(_("legal name"), max_length=200, blank=True)
    country = models.CharField(
        _("country of headquarters"),
        max_length=2,
        blank=True,
        db_index=True,
        validators=[known_country],
        help_text=_("ISO 3166-1 code, such as FR. Leave empty if no source states it."),
    )
    sector = models.ForeignKey(
        Sector,
        verbose_name=_("sector"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="companies",
    )
    size = models.CharField(_("size"), max_length=10, choices=Size, default=Size.UNKNOWN)
    role = models.CharField(
        _("role under the AI Act"), max_length=10, choices=Role, default=Role.UNKNOWN
    )
    website = WebField(_("website"), blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("group"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="subsidiaries",
        help_text=_("The company that owns this one."),
    )
    description = LongText(_("description"), blank=True, max_length=2000)
    profile_basis = models.CharField(
        _("basis of the profile"),
        max_length=20,
        choices=ProfileBasis,
        default=ProfileBasis.UNKNOWN,
        help_text=_("Where country, sector, size and role come from."),
    )
    profile_url = WebField(_("source of the profile"), blank=True)
    history = HistoricalRecords()

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name_folded", "pk"]
        indexes = [models.Index(Lower("legal_name"), name="company_by_legal_name")]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="company_name_unique",
                violation_error_message=_("A company with this name is already on the register."),
            ),
            models.CheckConstraint(
                condition=~Q(name_folded=""),
                name="company_can_be_read",
                violation_error_message=_("A name needs a letter or a digit."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="company_not_its_own_parent",
                violation_error_message=_("A company cannot be its own group."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("company", args=[self.slug])

    def clean(self) -> None:
        refuse_names_of_others(self, self, ("name", "legal_name"))

    @property
    def all_names(self) -> list[str]:
        """Every name of the company; reads `names`."""
        return [self.name, self.legal_name, *(other.name for other in self.names.all())]

    @property
    def country_name(self) -> str:
        return country_name(self.country, get_language() or "en") if self.country else ""

    @property
    def region(self) -> Region:
        if self.country in EU_MEMBERS:
            return Region.EU
        return {"US": Region.US, "": Region.UNKNOWN}.get(self.country, Region.OTHER)


def refuse_names_of_others(row: models.Model, company: Company, fields: Iterable[str]) -> None:
    """Raise ValidationError where a new name, in one of `fields`, is that of another company.

    Names that differ in case, accents or punctuation only are the same.
    """
    stored = type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None
    for field in fields:
        name, folded = getattr(row, field), fold(getattr(row, field))
        if not folded or (stored and getattr(stored, field) == name):
            continue
        others = Company.objects.exclude(pk=company.pk).alias(legally=Lower("legal_name"))
        # Each by its index: "or" between them would read all companies.
        named = [Q(names__name_folded=folded), Q(legally=Lower(Value(name)))]
        if (row, field) != (company, "name"):  # that two names of companies differ is a constraint
            named.append(Q(name_folded=folded))
        if other := next((one for each in named if (one := others.filter(each).first())), None):
            error = ValidationError(
                _("“%(name)s” is already a name of %(company)s."),
                params={"name": name, "company": other},
                code="name_of_another",
            )
            raise ValidationError({field: error})


class CompanyName(models.Model):
    """Another name a company goes by."""

    class Kind(models.TextChoices):
        """Why the company has this name."""

        AS_LISTED = "as_listed", _("as an official list spells it")
        ALIAS = "alias", _("also known as")
        LEGAL = "legal", _("legal name")
        FORMER = "former", _("former name")
        ABBREVIATION = "abbreviation", _("abbreviation")
        BRAND = "brand", _("brand")
        PRODUCT = "product", _("product")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="names")
    name = NameField(_("name"), max_length=200)
    name_folded = FoldedField(source="name")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        ordering = ["kind", "name_folded", "pk"]
        constraints = [
            models.UniqueConstraint(
                "company",
                Lower("name"),
                name="companyname_unique",
                violation_error_message=_("This company already has that name."),
            ),
            models.CheckConstraint(
                condition=~Q(name_folded=""),
                name="companyname_can_be_read",
                violation_error_message=_("A name needs a letter or a digit."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a name of another company."""
        # Of an old version that is restored, the company may be gone.
        if company := Company.objects.filter(pk=self.company_id).first():
            refuse_names_of_others(self, company, ("name",))


PAGES_OF_IDENTIFIERS = {
    "lei": "https://search.gleif.org/#/record/%(value)s",
    "wikidata": "https://www.wikidata.org/wiki/%(value)s",
    "eu-transparency-register": (
        "https://transparency-register.europa.eu/search-register-or-update/"
        "organisation-detail_en?id=%(value)s"
    ),
}


class IdentifierField(CharField):
    """An identifier in the register `scheme`, normalized when saved and refused if invalid."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def clean(self, value: Any, model_instance: Any) -> str:
        canonical = one_form(model_instance.scheme, str(value or ""))
        cleaned: str = super().clean(canonical, model_instance)
        if fault := why_wrong(model_instance.scheme, cleaned):
            raise ValidationError(fault, code="invalid")
        return cleaned

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = one_form(model_instance.scheme, getattr(model_instance, self.attname))  # type: ignore[attr-defined]  # of CompanyIdentifier only
        setattr(model_instance, self.attname, value)
        return value


class CompanyIdentifier(models.Model):
    """An identifier of a company in another register."""

    class Scheme(models.TextChoices):
        """The registers we know how to link."""

        LEI = "lei", _("LEI")
        WIKIDATA = "wikidata", _("Wikidata")
        VAT = "vat", _("VAT number")
        EU_TRANSPARENCY_REGISTER = "eu-transparency-register", _("EU Transparency Register")
        ISIN = "isin", _("ISIN")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(_("scheme"), max_length=30, choices=Scheme)
    value = IdentifierField(_("value"), max_length=60)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        ordering = ["scheme", "value"]
        # A search looks for what was typed among them.
        indexes = [models.Index(Lower("value"), name="identifier_by_value")]
        constraints = [
            models.UniqueConstraint(
                F("scheme"),
                Upper("value"),
                name="identifier_unique",
                violation_error_message=_("Another company already has this identifier."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.value}"

    def clean(self) -> None:
        """Name the company that has this identifier already; a constraint refuses it too."""
        others = CompanyIdentifier.objects.exclude(pk=self.pk).select_related("company")
        if other := others.filter(scheme=self.scheme, value__iexact=self.value).first():
            raise ValidationError(
                _("It is that of %(company)s."), params={"company": other.company}
            )

    @property
    def url(self) -> str:
        """The URL of its page in the other register; "" if there is none."""
        return PAGES_OF_IDENTIFIERS.get(self.scheme, "") % {"value": self.value}


class CompanyRedirect(models.Model):
    """A slug that a company had before a merge or a renaming; its URL answers 308."""

    old_slug = models.SlugField(_("old public id"), max_length=100, unique=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="redirects")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")
        ordering = ["old_slug"]

    def __str__(self) -> str:
        return self.old_slug
