"""The API of downloads, trials and updates: whatever the pages can do."""

from ninja import Router

from . import addresses, downloads, trials, updates

router = Router()
router.add_router("", downloads.router)
router.add_router("", trials.router)
router.add_router("", updates.router)
router.add_router("", addresses.router)
