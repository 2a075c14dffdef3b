"""What the vendor has published. Public: no customer's row is here."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from comptoir.catalogue.models import Product

from ..rules.versions import is_preview


class PublicFeed(models.Model):
    """A product whose releases anybody may have: its update feeds stand at addresses without a secret."""

    product = models.OneToOneField(Product, on_delete=models.PROTECT, primary_key=True)
    since = models.DateField()


class Release(models.Model):
    """A version of a product, or an update to one. A draft is seen at the desk alone, and may be deleted there."""

    may_go = True

    class Kind(models.TextChoices):
        RELEASE = "release"
        UPDATE = "update"
        ENHANCEMENT = "enhancement"

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    version = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    released_on = models.DateField()
    title = models.TextField()
    title_fr = models.TextField(blank=True, default="", db_default="")  # empty: the other one
    notes_en = models.TextField(blank=True, default="", db_default="")  # paragraphs, parted by empty lines
    notes_fr = models.TextField(blank=True, default="", db_default="")
    previous_versions = models.PositiveSmallIntegerField(null=True)  # while it is the newest; null: as the product says
    state = models.TextField(choices=State.choices, default=State.PUBLISHED, db_default="published")
    published_at = models.DateTimeField(null=True)  # null: brought over from the old centre
    withdrawn_because = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="one_release_per_version"),
            models.CheckConstraint(
                name="release_withdrawn_with_a_reason",
                condition=(Q(state="withdrawn") & ~Q(withdrawn_because="")) | (~Q(state="withdrawn") & Q(withdrawn_because="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_preview(self) -> bool:
        """Whether its version says that it is not finished."""
        return is_preview(self.version)

    @property
    def shown_title(self) -> str:
        """Its title in the language that is being written."""
        return self.title_in(get_language() or "en")

    @property
    def shown_notes(self) -> str:
        """What is new, in the language that is being written."""
        return self.notes_in(get_language() or "en")

    def title_in(self, language: str) -> str:
        """Its title in that language, or in the other one."""
        return (self.title_fr or self.title) if language == "fr" else self.title

    def notes_in(self, language: str) -> str:
        """What is new, in that language or in the other one."""
        first, other = (self.notes_fr, self.notes_en) if language == "fr" else (self.notes_en, self.notes_fr)
        return first or other


class ReleaseFile(models.Model):
    """One file of a release. Its bytes lie in the store under their digest; nobody gets them before the release is out."""

    may_go = True

    class Platform(models.TextChoices):
        WINDOWS = "windows", "Windows"
        MACOS = "macos", "macOS"
        LINUX = "linux", "Linux"
        ANY = "any"

    class Architecture(models.TextChoices):
        X64 = "x64", "x64"
        ARM64 = "arm64", "ARM64"
        ANY = "any"

    class Kind(models.TextChoices):
        INSTALLER = "installer"
        PACKAGE = "package"
        DOCUMENTATION = "documentation"

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="files")
    platform = models.TextField(choices=Platform.choices)
    architecture = models.TextField(choices=Architecture.choices)
    language = models.TextField(blank=True)  # empty: all that the product speaks
    kind = models.TextField(choices=Kind.choices)
    name = models.TextField()  # as people save it
    media_type = models.TextField()  # told by its bytes, never by its name
    size = models.BigIntegerField()  # bytes
    sha256 = models.TextField()  # hex
    signature = models.TextField()  # Ed25519 over its bytes, base64
    added_at = models.DateTimeField(auto_now_add=True)
    downloads = models.PositiveIntegerField(default=0, db_default=0)  # begun, by all customers together
    of_trials = models.PositiveIntegerField(default=0, db_default=0)  # those of them for a trial

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "name"], name="file_name_once_in_release"),
            models.CheckConstraint(name="release_file_has_bytes", condition=Q(size__gte=1)),
            models.CheckConstraint(name="release_file_digest_is_hex", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stored_as(self) -> str:
        """Where its bytes lie in the store."""
        return place_of(self.sha256)


def place_of(sha256: str) -> str:
    """Where the bytes of that digest lie in the store."""
    return f"releases/{sha256[:2]}/{sha256}"
