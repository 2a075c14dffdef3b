"""The API of subscriptions: whatever the pages do."""

from ninja import Router

from . import requests, seats

router = Router()
router.add_router("", seats.router)
router.add_router("", requests.router)
