"""The API of subscriptions: whatever the pages do."""

from ninja import Router

from . import alignment, any_day, buying, money, orders, plans, renewing, requests, returns, seats

router = Router()
router.add_router("", seats.router)
router.add_router("", requests.router)
router.add_router("", orders.router)
router.add_router("", returns.router)
router.add_router("", plans.router)
router.add_router("", renewing.router)
router.add_router("", alignment.router)
router.add_router("", any_day.router)
router.add_router("", money.router)
router.add_router("", buying.router)
