"""The API of entitlements."""

from ninja import Router

from . import benefits, bundles, keys, leases, licences, offline, seats, use_rights

router = Router()
router.add_router("", seats.router)
router.add_router("", use_rights.router)
router.add_router("", benefits.router)
router.add_router("", bundles.router)
router.add_router("", licences.router)
router.add_router("", keys.router)
router.add_router("", offline.router)
router.add_router("", leases.router)
