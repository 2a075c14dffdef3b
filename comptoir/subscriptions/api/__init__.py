"""The API of subscriptions: whatever the pages do."""

from ninja import Router

from . import orders, requests, seats

router = Router()
router.add_router("", seats.router)
router.add_router("", requests.router)
router.add_router("", orders.router)
