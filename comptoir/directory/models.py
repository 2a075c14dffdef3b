"""The products that sign in with the portal, and what they were let have.

The library brings the tables of tokens; those that stand here take the place of its own, so that no code is kept in clear and an
application can be ended. Codes are found by their digest before the person is known: none of these tables has a wall.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from oauth2_provider.models import AbstractApplication, AbstractDeviceGrant, AbstractGrant
from oauth2_provider.models import AccessToken as AccessToken
from oauth2_provider.models import IDToken as IDToken
from oauth2_provider.models import RefreshToken as RefreshToken

from comptoir.catalogue.models import Product

from .rules import scheme_of


class Application(AbstractApplication):  # type: ignore[misc]
    """A program of one of the vendor's products that signs people in."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    device_flow = models.BooleanField(default=False)  # for machines without a browser (RFC 8628)
    ended_at = models.DateTimeField(null=True)  # from then on it signs in nobody; its tokens are gone

    objects: ClassVar[models.Manager["Application"]] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="application_signs_with_its_key", condition=models.Q(algorithm="RS256", hash_client_secret=True)
            ),
            models.CheckConstraint(
                name="application_has_a_way_in", condition=models.Q(device_flow=True) | ~models.Q(redirect_uris="")
            ),
        ]

    @property
    def is_public(self) -> bool:
        """Whether it can keep no secret: a program on people's machines."""
        return bool(self.client_type == self.CLIENT_PUBLIC)

    def allows_grant_type(self, *grant_types: str) -> bool:
        """Codes where it has an address to send them to, the device flow where it may; nothing else ever."""
        code = self.GRANT_AUTHORIZATION_CODE in grant_types and bool(self.redirect_uris)
        return code or (self.GRANT_DEVICE_CODE in grant_types and self.device_flow)

    def get_allowed_schemes(self) -> list[str]:
        """The schemes of its own addresses, such as `https` or `com.example.sculpt`."""
        addresses = f"{self.redirect_uris} {self.post_logout_redirect_uris}".split()
        return sorted({scheme_of(address) for address in addresses})

    def is_usable(self, request: object) -> bool:
        """Whether it was not ended."""
        return self.ended_at is None


class Grant(AbstractGrant):  # type: ignore[misc]
    """A code that was handed out, by its digest. A used one stays for a day, so that a second use is known for what it is."""

    proved_at = models.DateTimeField(null=True)  # when the person showed who they are, in the session that it came from
    family = models.UUIDField(null=True)  # of the tokens that were given for it

    objects: ClassVar[models.Manager["Grant"]] = models.Manager()


class DeviceGrant(AbstractDeviceGrant):  # type: ignore[misc]
    """A device that waits for somebody to let it in; both of its codes by their digests."""

    asked_at = models.DateTimeField(auto_now_add=True)
    asked_from = models.GenericIPAddressField(null=True)  # shown to whoever types the code, and gone with the row
    looked_at = models.DateTimeField(null=True)  # when it last asked whether the person has decided
    proved_at = models.DateTimeField(null=True)  # when the person showed who they are, in the session that let it in

    objects: ClassVar[models.Manager["DeviceGrant"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device_code"], name="device_code_once"),
            models.UniqueConstraint(fields=["user_code"], name="user_code_once"),
        ]


class Subject(models.Model):
    """Under which name products know a person: it says nothing, and stays."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.UUIDField(unique=True, default=uuid.uuid4)
