"""The API of entitlements."""

from ninja import Router

from . import benefits, seats, use_rights

router = Router()
router.add_router("", seats.router)
router.add_router("", use_rights.router)
router.add_router("", benefits.router)
